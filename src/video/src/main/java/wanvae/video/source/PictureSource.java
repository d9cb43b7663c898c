package wanvae.video.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.image.NumberedNames;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;
import wanvae.video.picture.PixelAspect;

/**
 * Frames from files, read one by one, members of a batch one after another. Not safe for use by several threads at
 * once.
 */
public interface PictureSource extends AutoCloseable {
    /**
     * Pixels of the largest picture that is read, 8192x8192. This limits what a file's header can make wanvae allocate.
     */
    long MOST_PIXELS = 1 << 26;

    /** Endings of tensor files. Their content, not the ending, decides which format they have. */
    List<String> TENSORS = List.of(".npy", ".npz", ".safetensors", ".pt", ".pth", ".bin");

    /** The shape of the video that follows; {@code frames} may be {@link VideoShape#UNKNOWN}. */
    VideoShape shape();

    /** The frame rate, if the source contains one. */
    default Optional<Fps> fps() {
        return Optional.empty();
    }

    /** The shape of the pixels: square unless the source says otherwise. */
    default PixelAspect pixelAspect() {
        return PixelAspect.SQUARE;
    }

    /** What the user should know about the source, one sentence each without its full stop. */
    default List<String> notes() {
        return List.of();
    }

    /**
     * The next picture, valid until the next call; empty after the last one.
     *
     * @throws FormatException if what follows is not a valid picture
     * @throws IOException if it cannot be read
     */
    Optional<Picture> next() throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Sends everything through a sink: begin, pictures, finish. Closes neither.
     *
     * @param listener receives the number of pictures sent so far, after each; an exception that it throws ends the
     *                 copying
     * @return the number of pictures sent
     */
    default int copyTo(PictureSink sink, IntConsumer listener) throws IOException {
        VideoShape shape = shape();
        sink.begin(shape);
        int sent = 0;
        boolean one = shape.frames() == VideoShape.UNKNOWN;
        for (Optional<Picture> next = next(); next.isPresent(); next = next()) {
            sink.picture(one ? 0 : sent / shape.frames(), one ? sent : sent % shape.frames(), next.get());
            listener.accept(++sent);
        }
        sink.finish();
        return sent;
    }

    /**
     * Opens a source by its name: a {@code .mp4} or {@code .mov} with H.264, a {@code .gif}, a {@code .y4m}, {@code -}
     * for Y4M on {@code standardInput} (not closed), a folder of PNGs or JPEGs, a pattern such as {@code
     * frames-%05d.png}, a {@code .png} or {@code .jpg}, or a tensor of grey, RGB or RGBA frames in a {@code .npy},
     * {@code .npz}, {@code .safetensors} or torch file.
     *
     * @throws UntoldException if a tensor can be interpreted in several ways
     * @throws FormatException in one sentence if it is something else
     * @throws IOException if it cannot be read
     */
    static PictureSource open(String name, InputStream standardInput, SourceOptions options) throws IOException {
        if (name.equals("-"))
            return new Y4mSource(
                    "standard input",
                    new BufferedInputStream(standardInput, 1 << 16),
                    false,
                    VideoShape.UNKNOWN,
                    options.color());
        Path path;
        try {
            path = Path.of(name);
        } catch (java.nio.file.InvalidPathException e) {
            throw new IOException("cannot read " + name + ": " + e.getReason(), e);
        }
        if (Files.isDirectory(path)) return ImageSource.folder(path);
        if (path.getFileName() != null
                && NumberedNames.isPattern(path.getFileName().toString())) return ImageSource.pattern(path);
        if (!Files.exists(path)) throw new IOException(name + " does not exist");
        if (!Files.isReadable(path)) throw new IOException("no permission to read " + name);
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".y4m")) return Y4mSource.open(path, options.color());
        if (lower.endsWith(".mp4") || lower.endsWith(".mov") || lower.endsWith(".m4v"))
            return MovieSource.open(path, options.color());
        if (lower.endsWith(".gif")) return GifSource.open(path);
        if (ImageSource.isImage(lower)) return ImageSource.file(path);
        if (TENSORS.stream().anyMatch(lower::endsWith)) return TensorSource.open(path, options);
        throw new FormatException("cannot tell what frames " + name
                + " has: .mp4, .mov, .gif, .y4m, .png, .jpg, a folder of PNGs or JPEGs, a pattern such as frames-%05d.png, .npy, .npz,"
                + " .safetensors, .pt or .pth are read, and - for Y4M on standard input");
    }
}
