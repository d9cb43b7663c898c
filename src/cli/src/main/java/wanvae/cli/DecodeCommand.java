package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wanvae.WanVae;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.latent.Latents;
import wanvae.preview.LatentPreview;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** {@code wanvae decode}: makes a video from latents and weights. */
@Command(
        name = "decode",
        sortOptions = false,
        customSynopsis = "wanvae decode LATENTS -w WEIGHTS -o OUT [OPTIONS]",
        description = "Decode latents into a video, pictures or raw samples.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae decode latents.safetensors -w Wan2.1-T2V-1.3B-Diffusers -o out.mp4",
            "  wanvae decode z.npy --latents raw -w Wan2.1_VAE.pth -o out.mp4 --quality 8",
            "  wanvae decode latents.safetensors -w vae.wanvae -o 'frames-%%05d.png'",
            "  wanvae decode latents.safetensors -w vae.wanvae -o - | ffmpeg -i - -c:v libx265 out.mkv",
            "  wanvae decode latents.safetensors -w vae.wanvae -o sample.npy",
            "  wanvae decode latents.safetensors -w taew2_1.pth -o out.mp4 --preview look.png"
        })
final class DecodeCommand implements Callable<Integer> {
    private final Console console;
    private final Interruption interruption;

    @Mixin
    private LatentInput latentInput;

    @Option(
            names = {"-w", "--weights"},
            required = true,
            paramLabel = "WEIGHTS",
            description =
                    "The VAE: a diffusers vae/ folder, a pipeline folder that contains one, a .safetensors, .pth or .wanvae file.")
    private Path weights;

    @Mixin
    private OutputFlags output;

    @Option(
            names = "--preview",
            paramLabel = "FILE",
            description = "First write what 'wanvae preview' shows, within seconds: .png, .gif, .mp4 …")
    private String preview;

    @Mixin
    private DecodeFlags flags;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private CommonFlags common;

    DecodeCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        output.open(console, flags.encoding(Fps.of(1))).close(); // refuses a wrong name before anything is read
        if (preview != null)
            previewOutput().open(console, flags.encoding(Fps.of(1))).close();
        for (String written : preview == null ? List.of(output.name()) : List.of(output.name(), preview))
            OutputFlags.requireOther(written, latentInput.name(), weights.toString());
        DecodeOptions options = flags.options(threads.decodeOptions());
        flags.requireFits(output.isRaw());
        try (Checkpoint checkpoint = flags.open(weights)) { // reads the description only: weights may be gigabytes
            checkpoint
                    .assumption()
                    .filter(assumption -> !assumption.named())
                    .ifPresent(assumption -> note(weights + " is " + assumption.text() + " (--family sets it)"));
            flags.requireFits(checkpoint.config());
            Latents latents =
                    latentInput.read(console.in(), options.temporaryDirectory(), checkpoint.config(), this::note);
            WanVae.requireFits(checkpoint.config(), latents.shape(), latents.name());
            if (preview != null) preview(latents, checkpoint.config());
            try (WanVae vae = open(checkpoint)) {
                Mp4Options encoding = flags.encoding(vae.config());
                try (PictureSink sink = output.open(console, encoding)) {
                    new Decoding(console, interruption, common.quiet)
                            .run(vae, latents, options, sink, output.at(encoding.fps()));
                }
            }
        }
        return 0;
    }

    private OutputFlags previewOutput() {
        if (preview.equals("-") || preview.equals(output.name()))
            throw new UsageException("--preview needs a file of its own.");
        return output.withName(preview);
    }

    private void preview(Latents latents, VaeConfig config) throws IOException {
        LatentPreview frames = LatentPreview.of(latents, config, PreviewCommand.SCALE);
        new PreviewCommand.Previewing(console, common.quiet).run(frames, previewOutput(), flags.preview(config));
    }

    private WanVae open(Checkpoint checkpoint) throws IOException {
        return WanVae.open(
                checkpoint, flags.opening().withThreads(threads.decodeOptions().threads()));
    }

    private void note(String text) {
        if (!common.quiet) console.err().println("Note: " + text + ".");
    }
}
