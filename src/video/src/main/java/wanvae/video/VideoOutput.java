package wanvae.video;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import wanvae.video.image.NumberedNames;
import wanvae.video.picture.Background;
import wanvae.video.picture.Chroma;
import wanvae.video.picture.PictureSink;

/** Opens a sink, which the ending of a name chooses. */
public final class VideoOutput {
    /** The endings and forms {@link #open} knows, for messages. */
    public static final String SUPPORTED = ".mp4, .mov (ProRes), .y4m, .gif, .apng, .png (one frame), frames-%05d.png,"
            + " a folder of PNGs, .npy, .safetensors and - (Y4M on standard output)";

    private VideoOutput() {}

    /**
     * Opens a sink for {@code target}: a file by its ending, a pattern such as {@code frames-%05d.png}, a folder (one
     * that exists, a name without an ending or with a slash behind it), or {@code -} for a Y4M stream to {@code
     * standardOutput}, which is flushed and not closed.
     *
     * @throws UnsupportedEndingException if the ending is none of these, with a list of them, or if its format cannot
     *     hold the sound or metadata that the options name, or has no choice of 4:4:4
     * @throws IOException in one sentence if the output cannot be written
     */
    public static PictureSink open(String target, OutputOptions options, OutputStream standardOutput)
            throws IOException {
        if (target.equals("-")) {
            requireHalfChroma(options.video(), "standard output");
            requireRoomFor(options.video(), "standard output");
            return new Compositing(
                    Y4mWriter.to(
                            standardOutput,
                            options.video().fps(),
                            options.video().color(),
                            options.video().pixelAspect()),
                    options.background().orElse(Background.BLACK));
        }
        try {
            Path path = Path.of(target);
            return target.endsWith("/") || target.endsWith(path.getFileSystem().getSeparator())
                    ? PngSequence.create(path, options.folders())
                    : open(path, options);
        } catch (InvalidPathException e) {
            throw new IOException("cannot write " + target + ": " + e.getReason(), e);
        }
    }

    /** As {@link #open(String, OutputOptions, OutputStream)}, for a file, pattern or folder. */
    public static PictureSink open(Path target, OutputOptions options) throws IOException {
        PictureSink sink = writer(target, options);
        boolean keeps =
                Set.of(".png", ".apng", ".mov", ".npy", ".safetensors", "").contains(ending(target));
        return keeps && options.background().isEmpty()
                ? sink
                : new Compositing(sink, options.background().orElse(Background.BLACK));
    }

    private static PictureSink writer(Path target, OutputOptions options) throws IOException {
        Mp4Options video = options.video();
        String ending = ending(target);
        if (!ending.equals(".mp4")) requireHalfChroma(video, target.toString());
        if (!ending.equals(".mp4") && !ending.equals(".mov")) requireRoomFor(video, target.toString());
        return switch (ending) {
            case ".mp4" -> Mp4Writer.create(target, video, options.files());
            case ".mov" -> ProResWriter.create(target, video, options.files());
            case ".y4m" -> Y4mWriter.create(target, video.fps(), video.color(), video.pixelAspect(), options.files());
            case ".gif" -> GifWriter.create(target, video.fps(), options.files());
            case ".apng" -> PngWriter.animated(target, video.fps(), options.files());
            case ".png" ->
                NumberedNames.isPattern(target.getFileName().toString())
                        ? PngSequence.create(target, options.folders())
                        : PngWriter.create(target, options.files());
            case ".npy" -> SampleWriter.npy(target, options.files());
            case ".safetensors" -> SampleWriter.safetensors(target, options.files());
            case "" -> PngSequence.create(target, options.folders());
            default -> throw new UnsupportedEndingException(target);
        };
    }

    /** Whether an output of this name can record {@link Mp4Options#pixelAspect}: that its pixels are not square. */
    public static boolean tellsPixelAspect(String target) {
        return target.equals("-") || Set.of(".mp4", ".mov", ".y4m").contains(ending(Path.of(target)));
    }

    private static void requireHalfChroma(Mp4Options video, String target) throws UnsupportedEndingException {
        if (video.chroma() == Chroma.YUV444)
            throw new UnsupportedEndingException("4:4:4 is a choice for .mp4 only, not for " + target);
    }

    private static void requireRoomFor(Mp4Options video, String target) throws UnsupportedEndingException {
        if (video.audio().isEmpty() && video.metadata().isEmpty()) return;
        throw new UnsupportedEndingException((video.audio().isPresent() ? "sound goes" : "metadata goes")
                + " into .mp4 and .mov only, not into " + target);
    }

    /** The ending in lower case with its dot; empty for a folder and for a name without one. */
    private static String ending(Path target) {
        if (target.getFileName() == null || Files.isDirectory(target)) return "";
        String name = target.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(dot).toLowerCase(Locale.ROOT) : "";
    }

    /** The name of an output stands for no supported format, or for one that cannot hold what the options ask for. */
    public static final class UnsupportedEndingException extends IOException {
        private UnsupportedEndingException(Path target) {
            this("cannot tell a format from the name " + target + ": with a slash behind it, " + target
                    + "/, it would be a folder of PNGs; a file has one of these endings: " + SUPPORTED);
        }

        private UnsupportedEndingException(String message) {
            super(message);
        }
    }
}
