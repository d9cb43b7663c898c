package wanvae.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import wanvae.frame.VideoShape;
import wanvae.video.Mp4Options;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;
import wanvae.video.source.PictureSource;
import wanvae.video.source.UntoldException;

/** {@code wanvae export}: makes a video from frames that exist already. */
@Command(
        name = "export",
        sortOptions = false,
        customSynopsis = "wanvae export FRAMES -o OUT [OPTIONS]",
        description = "Make a video from existing frames, as diffusers' export_to_video() does.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae export frames.npy -o out.mp4 --fps 16          [F][H][W][3], floats in [0, 1] or bytes",
            "  wanvae export 'frames-%%05d.png' -o out.mp4            a folder of PNGs, or a pattern",
            "  ffmpeg -i in.mkv -f yuv4mpegpipe - | wanvae export - -o out.mp4 --quality 7"
        })
final class ExportCommand implements Callable<Integer> {
    private static final Fps DEFAULT_FPS = Fps.of(10);

    private final Console console;
    private final Interruption interruption;

    @Parameters(
            index = "0",
            paramLabel = "FRAMES",
            description =
                    "A .mp4 or .mov with H.264, a .gif, a .y4m, or - for Y4M on standard input; a folder of PNGs or JPEGs, a pattern like "
                            + "frames-%%05d.png, a .png or .jpg; a .npy, .safetensors or .pt with frames [F][H][W][C] or in another usual order, or a raw sample "
                            + "[B][C][F][H][W], as 'decode' writes it.")
    private String frames;

    @Mixin
    private OutputFlags output;

    @Mixin
    private FrameFlags reading;

    @Mixin
    private CommonFlags common;

    @ArgGroup(validate = false, heading = "%nVideo:%n")
    private VideoFlags video = new VideoFlags();

    ExportCommand(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
    }

    @Override
    public Integer call() throws IOException {
        output.open(console, video.options(DEFAULT_FPS)).close(); // refuses a wrong name before anything is read
        long start = System.nanoTime();
        try (PictureSource source = open()) {
            source.notes().forEach(this::note);
            if (!source.pixelAspect().isSquare() && !output.tellsPixelAspect())
                note("this output has square pixels only, and those of the frames are " + source.pixelAspect());
            VideoShape shape = source.shape();
            Mp4Options encoding = encoding(source.fps().orElse(DEFAULT_FPS))
                    .withPixelAspect(source.pixelAspect())
                    .withThreads(Runtime.getRuntime().availableProcessors());
            int total = shape.frames() == VideoShape.UNKNOWN ? 0 : shape.members() * shape.frames();
            int sent;
            try (PictureSink sink = output.open(console, encoding);
                    ProgressBar bar = new ProgressBar(console, common.quiet || total == 0)) {
                sent = source.copyTo(sink, done -> {
                    if (interruption.getAsBoolean()) throw new CancellationException();
                    bar.progress(done, total, (double) done / total);
                });
                sink.warnings().forEach(this::note);
            }
            VideoShape written = new VideoShape(shape.members(), sent / shape.members(), shape.height(), shape.width());
            if (!common.quiet)
                console.err()
                        .println("Wrote " + output.at(encoding.fps()) + ": " + Report.video(written) + ", "
                                + Report.time(sent, (System.nanoTime() - start) / 1e9) + ".");
        }
        return 0;
    }

    private Mp4Options encoding(Fps own) {
        try {
            return video.options(own);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(frames + ": " + e.getMessage() + " (--fps sets it)", e);
        }
    }

    private PictureSource open() throws IOException {
        try {
            return PictureSource.open(
                    frames,
                    console.in(),
                    reading.options(video.options(DEFAULT_FPS).color()));
        } catch (UntoldException e) {
            throw FrameFlags.told(e);
        }
    }

    private void note(String text) {
        if (!common.quiet) console.err().println("Note: " + text + ".");
    }
}
