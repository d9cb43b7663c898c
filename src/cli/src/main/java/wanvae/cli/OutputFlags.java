package wanvae.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.video.IfExists;
import wanvae.video.Mp4Options;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;
import wanvae.video.picture.Background;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PictureSink;

/** The options that say where frames go, shared by all commands that write them. */
final class OutputFlags {
    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description =
                    "By its ending: .mp4, .mov (ProRes), .gif or .apng; .y4m, or - for Y4M on standard output; .png for one frame, "
                            + "frames-%%05d.png or a folder for a sequence; .npy or .safetensors for the raw sample. "
                            + "A batch is numbered: out-0.mp4, out-1.mp4.")
    private String out;

    @Option(names = "--no-clobber", description = "Refuse to replace an existing file.")
    private boolean noClobber;

    @Option(
            names = "--overwrite",
            description = "Also replace frames that a folder already holds, and read-only files.")
    private boolean overwrite;

    /** The same options for another output. */
    OutputFlags withName(String name) {
        OutputFlags other = new OutputFlags();
        other.out = name;
        other.noClobber = noClobber;
        other.overwrite = overwrite;
        return other;
    }

    /** The name of the output as the user gave it. */
    String name() {
        return out;
    }

    @Option(
            names = "--background",
            paramLabel = "COLOUR",
            converter = BackgroundArgument.class,
            description =
                    "Colour behind transparent parts: black, white, grey, green or #rrggbb (default: PNGs, MOVs and raw "
                            + "samples keep an alpha channel, other outputs show transparent parts on black).")
    private Background background;

    /**
     * Refuses an output that would replace what is read.
     *
     * @param out    name of the output
     * @param inputs names of what is read; "-" is standard input
     * @throws UsageException if the output is the same file as one of these
     */
    static void requireOther(String out, String... inputs) throws IOException {
        for (String input : inputs)
            if (!input.equals("-")
                    && Files.isRegularFile(Path.of(out))
                    && Files.exists(Path.of(input))
                    && Files.isSameFile(Path.of(out), Path.of(input)))
                throw new UsageException(out + " is read: give the output another name.");
    }

    /** Whether the output holds raw float samples. */
    boolean isRaw() {
        String name = out.toLowerCase(Locale.ROOT);
        return name.endsWith(".npy") || name.endsWith(".safetensors");
    }

    /** Whether the output is a single .png. */
    boolean isOnePicture() {
        return out.toLowerCase(Locale.ROOT).endsWith(".png") && !out.contains("%");
    }

    /** The output's name, with the frame rate if it has one: "out.mp4 at 16 frames a second". */
    String at(Fps fps) {
        boolean timed = Stream.of("-", ".mp4", ".mov", ".y4m", ".gif", ".apng")
                .anyMatch(out.toLowerCase(Locale.ROOT)::endsWith);
        return (out.equals("-") ? "standard output" : out) + (timed ? " at " + fps + " frames a second" : "");
    }

    /** Whether the output can record that pixels are not square. */
    boolean tellsPixelAspect() {
        return VideoOutput.tellsPixelAspect(out);
    }

    private static final class BackgroundArgument implements ITypeConverter<Background> {
        @Override
        public Background convert(String text) {
            try {
                return Background.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    PictureSink open(Console console, Mp4Options video) throws IOException {
        if (noClobber && overwrite) throw new UsageException("--no-clobber and --overwrite exclude each other.");
        OutputOptions options = OutputOptions.DEFAULT.withVideo(video);
        if (noClobber) options = options.withFiles(IfExists.REFUSE);
        if (overwrite) options = options.withFiles(IfExists.REPLACE_READ_ONLY).withFolders(IfExists.REPLACE_READ_ONLY);
        if (background != null) options = options.withBackground(background);
        return VideoOutput.open(out, options, console.out());
    }
}
