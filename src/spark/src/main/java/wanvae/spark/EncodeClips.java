package wanvae.spark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.cli.EncodeFlags;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.frame.FrameSource;
import wanvae.latent.LatentWriting;
import wanvae.latent.Latents;
import wanvae.video.source.PictureSource;

/** {@code encode}: videos to latents. */
@Command(
        name = "encode",
        sortOptions = false,
        description = "Encode each video into a file of latents.",
        footerHeading = "%nExample:%n",
        footer = "  spark-submit wanvae-spark.jar encode -w hdfs://host/vae -i 'hdfs://host/videos/*.mp4' "
                + "-o hdfs://host/latents/ --size 832x480 --frames 81")
final class EncodeClips implements Conversion {
    @Mixin
    private FarmFlags farm;

    @Mixin
    private EncodeFlags flags;

    @Override
    public FarmFlags farm() {
        return farm;
    }

    @Override
    public String ending() {
        return farm.ending(".safetensors");
    }

    @Override
    public Checkpoint open(Path weights) throws IOException {
        flags.numbers(Path.of("latents" + ending()));
        flags.options(EncodeOptions.DEFAULT);
        return flags.open(weights);
    }

    @Override
    public ConvertOptions stored() {
        return ConvertOptions.DEFAULT;
    }

    @Override
    public OpenOptions opening() {
        return flags.opening();
    }

    @Override
    public double operations(WanVae vae, Path head) throws IOException {
        try (FrameSource video = open(vae, head, head.toString())) {
            return vae.planEncode(video.shape(), flags.options(EncodeOptions.DEFAULT))
                    .operations();
        }
    }

    @Override
    public int convert(WanVae vae, Path input, String name, Path output, Share share) throws IOException {
        EncodeOptions options =
                flags.options(EncodeOptions.DEFAULT.withThreads(share.threads()).withCancelled(share.cancelled()));
        try (FrameSource video = open(vae, input, name)) {
            EncodePlan plan = vae.planEncode(video.shape(), options);
            share.requireRoom(name, plan.memory(), plan.own());
            Latents latents = vae.encode(video, options);
            LatentWriting.write(latents, output, flags.numbers(output), true);
            return latents.shape().batch() * latents.shape().frames();
        }
    }

    private FrameSource open(WanVae vae, Path file, String name) throws IOException {
        PictureSource pictures = flags.read(file.toString(), InputStream.nullInputStream());
        try {
            return flags.frames(pictures, name, vae.config());
        } catch (IOException | RuntimeException e) {
            pictures.close();
            throw e;
        }
    }
}
