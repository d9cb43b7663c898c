package wanvae.video.source;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.NpyFile;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;
import wanvae.video.picture.UnitPicture;

/**
 * Reads frames out of a tensor, one at a time: {@code [F][H][W][3]} of floats in [0, 1] or bytes, or a raw sample
 * {@code [B][3][F][H][W]} in [-1, 1]. In a .safetensors it is the tensor {@code sample}, else the only one.
 */
final class TensorSource implements PictureSource {
    private static final String SAMPLE = "sample";

    /** What a picture is read from: where its values stand in the file differs. */
    private enum Layout {
        UNIT_FRAMES,
        BYTE_FRAMES,
        SAMPLE
    }

    private final TensorFile file;
    private final String tensor;
    private final Layout layout;
    private final VideoShape shape;
    private final boolean allowNonfinite;
    private int next;

    private TensorSource(TensorFile file, SourceOptions options) throws FormatException {
        this.file = file;
        this.allowNonfinite = options.allowNonfinite();
        TensorInfo bytes = file.integers().get(NpyFile.TENSOR);
        this.tensor = bytes == null ? choose(file) : NpyFile.TENSOR;
        long[] sizes = bytes == null ? file.require(tensor).shape() : bytes.shape();
        if (sizes.length == 4 && sizes[3] == 3) {
            layout = bytes == null ? Layout.UNIT_FRAMES : Layout.BYTE_FRAMES;
            shape = shape(1, sizes[0], sizes[1], sizes[2]);
        } else if (sizes.length == 5 && sizes[1] == 3 && bytes == null) {
            layout = Layout.SAMPLE;
            shape = shape(sizes[0], sizes[2], sizes[3], sizes[4]);
        } else {
            throw new FormatException(
                    file.name() + ": tensor of shape " + Arrays.toString(sizes) + (bytes == null ? "" : " of bytes")
                            + ", expected frames [F, H, W, 3] of floats in [0, 1] or bytes, or a raw sample [B, 3, F, H, W] in [-1, 1]");
        }
    }

    static TensorSource open(Path path, SourceOptions options) throws IOException {
        TensorFile file = TensorFile.open(path);
        try {
            return new TensorSource(file, options);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static String choose(TensorFile file) throws FormatException {
        if (file.tensors().containsKey(SAMPLE) || file.tensors().isEmpty())
            return file instanceof NpyFile ? NpyFile.TENSOR : SAMPLE;
        if (file.tensors().size() == 1)
            return file.tensors().keySet().iterator().next();
        throw new FormatException(file.name() + ": has no tensor " + SAMPLE + " and more than one other: "
                + FormatException.quote(file.tensors().keySet()));
    }

    private VideoShape shape(long members, long frames, long height, long width) throws FormatException {
        boolean empty = height < 1 || width < 1;
        if (empty
                || members > Integer.MAX_VALUE
                || frames > Integer.MAX_VALUE
                || height > PictureSource.MOST_PIXELS / width)
            throw new FormatException(file.name() + ": frames of " + width + "x" + height + ", " + frames
                    + " of them, are " + (empty ? "empty" : "too many or too large"));
        return new VideoShape((int) members, (int) frames, (int) height, (int) width);
    }

    @Override
    public VideoShape shape() {
        return shape;
    }

    @Override
    public Optional<Picture> next() throws IOException {
        if (next == (long) shape.members() * shape.frames()) return Optional.empty();
        int index = next++;
        int pixels = shape.height() * shape.width();
        return Optional.of(
                switch (layout) {
                    case UNIT_FRAMES -> {
                        float[] values = new float[3 * pixels];
                        file.read(tensor, (long) index * values.length, MemorySegment.ofArray(values));
                        requireFinite(values, index);
                        yield new UnitPicture(shape.height(), shape.width(), values);
                    }
                    case BYTE_FRAMES -> {
                        float[] values = new float[3 * pixels];
                        file.read(tensor, (long) index * values.length, MemorySegment.ofArray(values));
                        byte[] bytes = new byte[values.length];
                        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) values[i];
                        yield new Rgb(shape.height(), shape.width(), bytes);
                    }
                    case SAMPLE -> {
                        float[] plane = new float[pixels];
                        float[] values = new float[3 * pixels];
                        long member = index / shape.frames();
                        long frame = index % shape.frames();
                        for (int channel = 0; channel < 3; channel++) {
                            file.read(
                                    tensor,
                                    ((member * 3 + channel) * shape.frames() + frame) * pixels,
                                    MemorySegment.ofArray(plane));
                            for (int i = 0; i < pixels; i++) values[3 * i + channel] = plane[i];
                        }
                        requireFinite(values, index);
                        yield new SignedPicture(
                                new Frame(shape.height(), shape.width(), MemorySegment.ofArray(values)));
                    }
                });
    }

    private void requireFinite(float[] values, int index) throws FormatException {
        if (allowNonfinite) return;
        for (int i = 0; i < values.length; i++)
            if (!Float.isFinite(values[i]))
                throw new FormatException(file.name() + ": frame " + index % shape.frames()
                        + (shape.members() == 1 ? "" : " of member " + index / shape.frames()) + " holds " + values[i]
                        + " at [" + i / 3 / shape.width() + ", " + i / 3 % shape.width()
                        + "]; frames that are not finite are taken only if allowed");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
