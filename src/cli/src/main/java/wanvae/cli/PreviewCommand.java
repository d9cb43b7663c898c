package wanvae.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.config.PublishedVae;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.Latents;
import wanvae.preview.LatentPreview;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** {@code wanvae preview}: shows latents without weights. */
@Command(
        name = "preview",
        sortOptions = false,
        customSynopsis = "wanvae preview LATENTS -o OUT [OPTIONS]",
        description =
                "Show latents as small pictures at once, without weights: a colour for each latent pixel, a frame for "
                        + "each latent frame.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae preview latents.safetensors -o preview.png      the frame in the middle",
            "  wanvae preview latents.safetensors -o preview.gif      all of them",
            "  wanvae preview z.pt --family hunyuanvideo -o out.mp4   else 16 channels mean Wan 2.1"
        })
final class PreviewCommand implements Callable<Integer> {
    /** Height and width, in pixels, of the square that shows a latent pixel. */
    static final int SCALE = 4;

    private final Console console;

    @Parameters(
            index = "0",
            paramLabel = "LATENTS",
            description = "Latents as 'decode' reads them, or - for standard input.")
    private String file;

    @Mixin
    private LatentFlags flags;

    @Mixin
    private OutputFlags output;

    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = FamilyArgument.class,
            description =
                    "Whose latents these are: wan2.1 (also Qwen-Image), wan2.2 or hunyuanvideo (default: from the "
                            + "number of channels; 16 means Wan 2.1).")
    private PublishedVae family;

    @Option(
            names = "--scale",
            paramLabel = "N",
            defaultValue = "" + SCALE,
            description = "Height and width of each latent pixel in the picture, 1 to 16 (default: 4).")
    private int scale;

    @ArgGroup(validate = false, heading = "%nVideo:%n")
    private VideoFlags video = new VideoFlags();

    @Mixin
    private CommonFlags common;

    PreviewCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        output.open(console, video.options(Fps.of(1))).close(); // refuses a wrong name before anything is read
        if (scale < 1 || scale > LatentPreview.LARGEST_SCALE)
            throw new UsageException("--scale is 1 to " + LatentPreview.LARGEST_SCALE + ", not " + scale + ".");
        Optional<PublishedVae> chosen = Optional.ofNullable(family);
        Latents latents = read(console.in(), chosen);
        if (latents.firstNonfinite().isPresent())
            note(latents.name() + " holds values that are not finite, which decode refuses");
        PublishedVae vae = chosen.orElseGet(() -> guess(latents.shape().channels()));
        LatentPreview preview = LatentPreview.of(latents, vae.config(), scale);
        // A latent frame stands for several frames of the video.
        Fps fps = new Fps(vae.config().defaultFps(), vae.config().temporalScale());
        new Previewing(console, common.quiet).run(preview, output, video.options(fps));
        return 0;
    }

    private Latents read(InputStream standardInput, Optional<PublishedVae> vae) throws IOException {
        LatentRequest request =
                flags.request(vae.map(PublishedVae::config).stream().toList());
        LatentReading reading = file.equals("-")
                ? LatentReading.of(
                        standardInput, request, "standard input", Path.of(System.getProperty("java.io.tmpdir")))
                : LatentReading.of(Path.of(file), request);
        for (LatentReading.Note taken : reading.notes()) note(LatentFlags.text(taken));
        return flags.select(reading.latents());
    }

    /** The first published VAE whose latents have as many channels. */
    private PublishedVae guess(int channels) {
        List<PublishedVae> fitting = PublishedVae.decoding(channels);
        if (fitting.isEmpty())
            throw new IllegalArgumentException(
                    file + ": " + channels + " latent channels, but " + PublishedVae.forChannels(channels) + ".");
        if (fitting.size() > 1)
            note("taken as latents of " + fitting.getFirst().config().family() + " (--family sets it)");
        return fitting.getFirst();
    }

    private void note(String text) {
        if (!common.quiet) console.err().println("Note: " + text + ".");
    }

    /** Writes a preview and reports it. {@code decode --preview} uses it, too. */
    record Previewing(Console console, boolean quiet) {
        void run(LatentPreview preview, OutputFlags output, Mp4Options encoding) throws IOException {
            long start = System.nanoTime();
            VideoShape shape = preview.shape();
            try (PictureSink sink = output.open(console, encoding)) {
                if (output.isOnePicture() && shape.frames() > 1) {
                    int middle = shape.frames() / 2;
                    shape = new VideoShape(shape.members(), 1, shape.height(), shape.width());
                    sink.begin(shape);
                    for (int member = 0; member < shape.members(); member++)
                        sink.frame(member, 0, preview.frame(member, middle));
                    sink.finish();
                } else {
                    preview.render(sink);
                }
            }
            if (!quiet)
                console.err()
                        .println("Wrote " + output.at(encoding.fps()) + ": a preview, " + Report.video(shape) + ", "
                                + Report.time(shape.members() * shape.frames(), (System.nanoTime() - start) / 1e9)
                                + ".");
        }
    }
}
