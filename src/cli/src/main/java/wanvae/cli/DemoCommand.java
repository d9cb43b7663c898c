package wanvae.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wanvae.OpenOptions;
import wanvae.WanVae;
import wanvae.config.Half;
import wanvae.frame.FrameSource;
import wanvae.latent.Latents;
import wanvae.video.Mp4Options;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;
import wanvae.video.picture.PictureSink;

/** {@code wanvae demo}: a first run, with weights and latents that the jar contains. */
@Command(
        name = "demo",
        sortOptions = false,
        customSynopsis = "wanvae demo [-o demo.mp4] [OPTIONS]",
        description =
                "Decode two seconds of video with the built-in tiny model: Wan 2.1's architecture, trained on spheres and striped squares.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae demo                writes demo.mp4",
            "  wanvae demo -o demo.gif    or whatever 'decode' can write",
            "  wanvae demo --round-trip   encodes a clip, decodes it, and compares"
        })
final class DemoCommand implements Callable<Integer> {
    private static final List<String> RESOURCES = List.of("demo.wanvae", "latents.safetensors");

    private final Console console;
    private final Interruption interruption;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            defaultValue = "demo.mp4",
            description = "What to write (default: demo.mp4).")
    private String out;

    @Option(
            names = "--round-trip",
            description = "Encode a clip first, decode its latents, and tell how close the result is.")
    private boolean roundTrip;

    @Mixin
    private ThreadFlags threads;

    @Mixin
    private CommonFlags common;

    DemoCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        Mp4Options encoding = Mp4Options.DEFAULT.withFps(16);
        // Weights are mapped, so they must be in a file.
        Path folder = Files.createTempDirectory("wanvae-demo");
        try {
            Path weights = copy("demo.wanvae", folder);
            Latents latents = roundTrip ? encoded(weights) : Latents.read(copy("latents.safetensors", folder));
            try (WanVae vae = WanVae.open(weights);
                    PictureSink written =
                            VideoOutput.open(out, OutputOptions.DEFAULT.withVideo(encoding), console.out())) {
                Comparison comparison = roundTrip ? new Comparison(new DemoScene(), written) : null;
                PictureSink output = roundTrip ? comparison : written;
                new Decoding(console, interruption, common.quiet)
                        .run(
                                vae,
                                latents,
                                threads.decodeOptions(),
                                output,
                                out.equals("-")
                                        ? "standard output"
                                        : Path.of(out).toAbsolutePath().toString());
                if (roundTrip && !common.quiet)
                    console.err()
                            .println(String.format(
                                    Locale.ROOT, "Encoded and decoded again: PSNR %.1f dB.", comparison.psnr()));
            }
        } finally {
            for (String resource : RESOURCES) Files.deleteIfExists(folder.resolve(resource));
            Files.delete(folder);
        }
        return 0;
    }

    private Latents encoded(Path weights) throws IOException {
        try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT.withHalves(Half.ENCODER));
                FrameSource clip = new DemoScene()) {
            return new Encoding(console, interruption, common.quiet).run(vae, clip, threads.encodeOptions());
        }
    }

    /** Copies one of the demo's resources into a folder. */
    static Path copy(String resource, Path folder) throws IOException {
        Path file = folder.resolve(resource);
        try (InputStream in = DemoCommand.class.getResourceAsStream("demo/" + resource)) {
            Files.copy(in, file);
        }
        return file;
    }
}
