package wanvae.video;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.UnitPicture;

/**
 * Makes a video from existing frames, as diffusers' {@code export_to_video} does. A frame is a {@link BufferedImage}, a
 * {@code byte[H][W][3]}, a {@link Picture}, or a {@code float[H][W][3]} in [0, 1], which must be finite and is
 * truncated to 8 bits as in the original.
 */
public final class ExportToVideo {
    /** The original's defaults: 10 frames a second, quality 5. */
    public static final OutputOptions DEFAULT = OutputOptions.DEFAULT.withVideo(
            Mp4Options.DEFAULT.withFps(10).withThreads(Runtime.getRuntime().availableProcessors()));

    private ExportToVideo() {}

    /**
     * Exports to a new temporary {@code .mp4} with {@link #DEFAULT}.
     *
     * @return the path of the file, which is the caller's to delete
     * @throws IllegalArgumentException if there are no frames, or they are of another kind or of different sizes
     * @throws IOException in one sentence if it cannot be written
     */
    public static Path export(List<?> frames) throws IOException {
        Path file = Files.createTempFile("wanvae", ".mp4");
        try {
            return export(frames, file);
        } catch (IOException | RuntimeException e) {
            Files.delete(file);
            throw e;
        }
    }

    /**
     * Exports with {@link #DEFAULT}.
     *
     * @return {@code path}
     * @throws IllegalArgumentException if there are no frames, or they are of another kind or of different sizes
     * @throws IOException in one sentence if {@code path} cannot be written
     */
    public static Path export(List<?> frames, Path path) throws IOException {
        return export(frames, path, DEFAULT);
    }

    /**
     * Exports with any options. An ending other than {@code .mp4} chooses another format, see {@link VideoOutput}.
     *
     * @return {@code path}
     * @throws IllegalArgumentException if there are no frames, or they are of another kind or of different sizes
     * @throws IOException in one sentence if {@code path} cannot be written
     */
    public static Path export(List<?> frames, Path path, OutputOptions options) throws IOException {
        if (frames.isEmpty()) throw new IllegalArgumentException("there are no frames to export");
        Picture first = picture(frames.getFirst(), 0);
        try (PictureSink sink = VideoOutput.open(path, options)) {
            boolean alpha = frames.stream().anyMatch(ExportToVideo::hasAlpha);
            sink.begin(new VideoShape(1, frames.size(), first.height(), first.width(), alpha ? 4 : 3));
            for (int i = 0; i < frames.size(); i++) {
                Picture picture = picture(frames.get(i), i);
                if (picture.height() != first.height() || picture.width() != first.width())
                    throw new IllegalArgumentException("frame " + i + " is " + picture.width() + "x" + picture.height()
                            + " and frame 0 is " + first.width() + "x" + first.height());
                sink.picture(0, i, picture);
            }
            sink.finish();
        }
        return path;
    }

    private static boolean hasAlpha(Object frame) {
        return switch (frame) {
            case Picture picture -> picture.hasAlpha();
            case BufferedImage image -> image.getColorModel().hasAlpha();
            case null, default -> false;
        };
    }

    private static Picture picture(Object frame, int index) {
        return switch (frame) {
            case Picture picture -> picture;
            case BufferedImage image -> Picture.of(image);
            case float[][][] values -> {
                float[] flat = new float[3 * size(values, index)];
                int at = 0;
                for (float[][] row : values) {
                    requireWidth(row.length == values[0].length, index);
                    for (float[] pixel : row) {
                        requireRgb(pixel.length, index);
                        for (float value : pixel) {
                            if (!Float.isFinite(value))
                                throw new IllegalArgumentException("frame " + index + " holds " + value);
                            flat[at++] = value;
                        }
                    }
                }
                yield new UnitPicture(values.length, values[0].length, flat);
            }
            case byte[][][] values -> {
                byte[] flat = new byte[3 * size(values, index)];
                int at = 0;
                for (byte[][] row : values) {
                    requireWidth(row.length == values[0].length, index);
                    for (byte[] pixel : row) {
                        requireRgb(pixel.length, index);
                        for (byte value : pixel) flat[at++] = value;
                    }
                }
                yield new Rgb(values.length, values[0].length, flat);
            }
            case null, default ->
                throw new IllegalArgumentException("frame " + index
                        + " is no BufferedImage, float[H][W][3], byte[H][W][3] or Picture: "
                        + (frame == null ? "null" : frame.getClass().getName()));
        };
    }

    private static int size(Object[][] rows, int index) {
        if (rows.length == 0 || rows[0].length == 0)
            throw new IllegalArgumentException("frame " + index + " has no pixels");
        return Math.multiplyExact(rows.length, rows[0].length);
    }

    private static void requireWidth(boolean equal, int index) {
        if (!equal) throw new IllegalArgumentException("rows of frame " + index + " have different lengths");
    }

    private static void requireRgb(int channels, int index) {
        if (channels != 3)
            throw new IllegalArgumentException("frame " + index + " has pixels of " + channels + " values, expected 3");
    }
}
