package wanvae.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.cli.DecodeFlags;
import wanvae.cli.LatentFlags;
import wanvae.cli.UsageException;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.latent.LatentReading;
import wanvae.latent.Latents;
import wanvae.tensorfile.TensorFile;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;
import wanvae.video.picture.PictureSink;

/** {@code decode}: latents to videos. */
@Command(
        name = "decode",
        sortOptions = false,
        description = "Decode each file of latents into a video.",
        footerHeading = "%nExample:%n",
        footer = "  spark-submit wanvae-spark.jar decode -w hdfs://host/vae -i 'hdfs://host/latents/*.safetensors' "
                + "-o hdfs://host/videos/")
final class DecodeClips implements Conversion {
    private static final Set<String> RAW = Set.of(".npy", ".safetensors");
    private static final Set<String> FILES =
            Set.of(".mp4", ".mov", ".y4m", ".gif", ".apng", ".png", ".npy", ".safetensors");

    @Mixin
    private FarmFlags farm;

    @Mixin
    private LatentFlags latents;

    @Mixin
    private DecodeFlags flags;

    @Override
    public FarmFlags farm() {
        return farm;
    }

    @Override
    public String ending() {
        return farm.ending(".mp4");
    }

    @Override
    public Checkpoint open(Path weights) throws IOException {
        if (!FILES.contains(ending()))
            throw new UsageException("--format is one of "
                    + String.join(", ", FILES.stream().sorted().toList()) + ", not " + ending() + ".");
        flags.requireFits(RAW.contains(ending()));
        Checkpoint checkpoint = flags.open(weights);
        try {
            flags.requireFits(checkpoint.config());
            flags.encoding(checkpoint.config());
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    @Override
    public ConvertOptions stored() {
        return ConvertOptions.DEFAULT.decoderOnly();
    }

    @Override
    public OpenOptions opening() {
        return flags.opening();
    }

    @Override
    public double operations(WanVae vae, Path head) throws IOException {
        return vae.plan(read(vae, head, head.toString()), flags.options(DecodeOptions.DEFAULT))
                .operations();
    }

    @Override
    public int convert(WanVae vae, Path input, String name, Path output, Share share) throws IOException {
        Latents clip = read(vae, input, name);
        DecodeOptions options =
                flags.options(DecodeOptions.DEFAULT.withThreads(share.threads()).withCancelled(share.cancelled()));
        DecodePlan plan = vae.plan(clip, options);
        share.requireRoom(name, plan.memory(), plan.own());
        OutputOptions writing = OutputOptions.DEFAULT.withVideo(flags.encoding(vae.config()));
        try (PictureSink sink = VideoOutput.open(output, writing)) {
            vae.decode(clip, sink, options);
        }
        return plan.video().members() * plan.video().frames();
    }

    private Latents read(WanVae vae, Path file, String name) throws IOException {
        try (TensorFile tensors = TensorFile.open(file, name)) {
            Latents read = latents.select(LatentReading.of(tensors, latents.request(List.of(vae.config())))
                    .latents());
            WanVae.requireFits(vae.config(), read.shape(), name);
            return read;
        }
    }
}
