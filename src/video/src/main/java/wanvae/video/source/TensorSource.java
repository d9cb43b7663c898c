package wanvae.video.source;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import wanvae.config.PublishedVae;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentAxes;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.video.picture.DeepPicture;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.Rgba;
import wanvae.video.picture.SignedPicture;
import wanvae.video.picture.UnitPicture;

/**
 * Reads frames from a tensor, one at a time: grey, RGB or RGBA in any usual order of axes, of bytes, 16-bit integers or
 * floats. The order of axes decides the expected range of floats. The values are checked against it, because a whole
 * clip in the wrong range would be black or white.
 */
final class TensorSource implements PictureSource {
    /** Names of the tensor of frames in files with several tensors. */
    private static final List<String> NAMES = List.of("sample", "frames", "video", "videos", "images");

    private static final String LATENTS = "these look like latents, which wanvae decode takes";

    /** The number of values that are examined at a time. */
    private static final int BLOCK = 1 << 18;

    private final TensorFile file;
    /** A single tensor, or one for each frame. */
    private final List<TensorInfo> tensors;

    /** The tensor that they form together. */
    private final TensorInfo tensor;

    private final FrameAxes axes;
    private final VideoShape shape;
    private final ValueRange range;
    private final boolean allowNonfinite;
    private final List<String> notes = new ArrayList<>();
    private int next;

    private TensorSource(TensorFile file, SourceOptions options) throws IOException {
        this.file = file;
        this.allowNonfinite = options.allowNonfinite();
        this.tensors = choose(options.key());
        this.tensor = tensors.size() == 1 ? tensors.getFirst() : together(tensors);
        boolean floats = tensor.dtype().isFloat();
        if (options.range().isPresent() && !floats)
            throw new FormatException(file.name() + ": integers have no range but their own, and "
                    + options.range().get() + " was asked for");
        Extremes extremes = floats && options.range().isEmpty() ? extremes() : null;
        this.axes = axes(options.axes(), extremes);
        this.shape = videoShape();
        this.range = options.range().orElse(axes.isSample() ? ValueRange.SIGNED : ValueRange.UNIT);
        if (extremes != null) requireRange(extremes.min, extremes.max);
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

    private List<TensorInfo> choose(Optional<String> key) throws FormatException {
        if (key.isPresent()) return List.of(file.requireAny(key.get()));
        Map<String, TensorInfo> all = new LinkedHashMap<>(file.tensors());
        all.putAll(file.integers());
        for (String name : NAMES) if (all.containsKey(name)) return List.of(all.get(name));
        if (all.isEmpty()) return List.of(file.require(NAMES.getFirst()));
        if (all.size() == 1 || isList(all)) return List.copyOf(all.values());
        throw new UntoldException(
                UntoldException.Choice.KEY,
                FormatException.quote(all.keySet().iterator().next()),
                file.name() + ": has several tensors and none named as frames are, " + String.join(", ", NAMES)
                        + "; one has to be named: " + FormatException.quote(all.keySet()));
    }

    /**
     * Whether these tensors are the elements of a list of pictures: they have one shape and type, and their names
     * differ in a number at the end.
     */
    private static boolean isList(Map<String, TensorInfo> all) {
        TensorInfo first = all.values().iterator().next();
        return first.shape().length <= 3
                && all.values().stream()
                        .allMatch(info -> info.dtype() == first.dtype() && Arrays.equals(info.shape(), first.shape()))
                && all.keySet().stream()
                                .map(name -> name.replaceFirst("\\d+$", "#"))
                                .distinct()
                                .count()
                        == 1;
    }

    private static TensorInfo together(List<TensorInfo> tensors) {
        TensorInfo first = tensors.getFirst();
        long[] shape = new long[first.shape().length + 1];
        shape[0] = tensors.size();
        System.arraycopy(first.shape(), 0, shape, 1, shape.length - 1);
        return new TensorInfo(first.name(), first.dtype(), shape);
    }

    /** The least and the greatest finite value. If there is none, the least is greater than the greatest. */
    private record Extremes(float min, float max) {}

    /** @param extremes of floats, or null */
    private FrameAxes axes(Optional<FrameAxes> asked, Extremes extremes) throws FormatException {
        String found = file.name() + ": a tensor of shape " + Arrays.toString(tensor.shape());
        if (asked.isPresent()) {
            FrameAxes order = asked.get();
            long channels = order.order().length() == tensor.shape().length ? order.size(tensor.shape(), 'c') : 0;
            if (channels != 1 && channels != 3 && channels != 4)
                throw new FormatException(
                        found + " cannot be " + order + ", whose channels are 1 (grey), 3 (RGB) or 4 (RGBA)");
            return order;
        }
        List<FrameAxes> orders = FrameAxes.of(tensor.shape());
        if (orders.isEmpty())
            throw new FormatException(found + " holds no frames: these are [F, H, W, C] with 1, 3 or 4 channels, "
                    + "[F, C, H, W], [B, C, F, H, W] and the like, or grey [F, H, W]"
                    + (isShapedLikeLatents() ? "; " + LATENTS : ""));
        if (orders.size() > 1) {
            // Only a raw sample has this name or values below 0.
            boolean sample = tensor.name().equals(NAMES.getFirst())
                    || extremes != null && !ValueRange.UNIT.fits(extremes.min, Math.min(1, extremes.max));
            for (FrameAxes order : orders) if (sample && order.isSample()) return order;
            throw new UntoldException(
                    UntoldException.Choice.AXES,
                    orders.getFirst().order(),
                    found + " could be "
                            + orders.stream().map(FrameAxes::toString).collect(Collectors.joining(" or "))
                            + ": the order of its axes has to be told");
        }
        return orders.getFirst();
    }

    /** Whether latents of a published VAE have this shape. */
    private boolean isShapedLikeLatents() {
        return tensor.dtype().isFloat()
                && Arrays.stream(PublishedVae.values())
                        .anyMatch(vae -> !LatentAxes.of(
                                        tensor.shape(), vae.config().latentChannels())
                                .isEmpty());
    }

    private VideoShape videoShape() throws FormatException {
        long[] sizes = tensor.shape();
        long members = axes.size(sizes, 'b'), frames = axes.size(sizes, 'f');
        long height = axes.size(sizes, 'h'), width = axes.size(sizes, 'w');
        boolean empty = height < 1 || width < 1;
        if (empty
                || members > Integer.MAX_VALUE
                || frames > Integer.MAX_VALUE
                || height > PictureSource.MOST_PIXELS / width)
            throw new FormatException(file.name() + ": frames of " + width + "x" + height + ", " + frames
                    + " of them, are " + (empty ? "empty" : "too many or too large"));
        return new VideoShape((int) members, (int) frames, (int) height, (int) width, channels() == 4 ? 4 : 3);
    }

    private int channels() {
        return (int) axes.size(tensor.shape(), 'c');
    }

    private Extremes extremes() throws IOException {
        float min = Float.POSITIVE_INFINITY, max = Float.NEGATIVE_INFINITY;
        float[] block = new float[(int) Math.min(BLOCK, tensor.elements())];
        long each = tensors.getFirst().elements();
        for (long at = 0, count; at < tensor.elements(); at += count) {
            count = Math.min(block.length, each - at % each);
            read(at, block, (int) count);
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(block[i])) continue;
                min = Math.min(min, block[i]);
                max = Math.max(max, block[i]);
            }
        }
        return new Extremes(min, max);
    }

    /** Refuses values far beyond the range that they are expected to have. */
    private void requireRange(float min, float max) throws FormatException {
        if (min > max) return;
        String found = file.name() + ": values from " + min + " to " + max;
        if (range == ValueRange.SIGNED && min >= 0 && max > 0 && ValueRange.UNIT.fits(min, max))
            notes.add(found + " are taken as -1..1, a raw sample's, and could be 0..1");
        if (range.fits(min, max)) return;
        // Latents lie about as far below 0 as above it, which no frames do but a raw sample's.
        if (!axes.isSample() && isShapedLikeLatents() && min < -1 && -min > max / 4)
            throw new FormatException(
                    found + " in a tensor of shape " + Arrays.toString(tensor.shape()) + "; " + LATENTS);
        ValueRange likely = min < 0 && ValueRange.SIGNED.fits(min, max) ? ValueRange.SIGNED : ValueRange.BYTE;
        throw new UntoldException(
                UntoldException.Choice.RANGE,
                likely.toString(),
                found + ", and frames " + axes + " are taken as " + range
                        + (likely.fits(min, max)
                                ? "; these look like " + likely + ", which has to be told"
                                : "; what is black and white has to be told"));
    }

    private void read(long first, float[] values, int count) throws IOException {
        long each = tensors.getFirst().elements();
        TensorInfo one = tensors.get((int) (first / each));
        file.read(one.name(), first % each, MemorySegment.ofArray(values).asSlice(0, 4L * count));
    }

    @Override
    public VideoShape shape() {
        return shape;
    }

    @Override
    public List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public Optional<Picture> next() throws IOException {
        if (next == (long) shape.members() * shape.frames()) return Optional.empty();
        int index = next++;
        float[] values = pixels(index);
        int height = shape.height(), width = shape.width();
        if (tensor.dtype() == DType.U8) {
            byte[] bytes = new byte[values.length];
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) values[i];
            return Optional.of(shape.channels() == 4 ? new Rgba(height, width, bytes) : new Rgb(height, width, bytes));
        }
        if (tensor.dtype() == DType.U16) {
            short[] deep = new short[values.length];
            for (int i = 0; i < deep.length; i++) deep[i] = (short) (int) values[i];
            return Optional.of(new DeepPicture(height, width, deep));
        }
        requireFinite(values, index);
        if (range == ValueRange.SIGNED) return Optional.of(new SignedPicture(Frame.of(height, width, values)));
        for (int i = 0; i < values.length; i++) values[i] = range.unit(values[i]);
        return Optional.of(new UnitPicture(height, width, values));
    }

    /** A frame as {@code [H][W][3]} or {@code [H][W][4]}; grey is repeated in all three colours. */
    private float[] pixels(int index) throws IOException {
        int pixels = shape.height() * shape.width(), channels = channels(), colours = shape.channels();
        float[] values = new float[colours * pixels];
        if (axes.order().endsWith("c") && channels == colours) {
            read((long) index * values.length, values, values.length);
            return values;
        }
        float[] plane = new float[pixels];
        long member = index / shape.frames(), frame = index % shape.frames();
        for (int c = 0; c < channels; c++) {
            long at = axes.isSample() ? (member * channels + c) * shape.frames() + frame : (long) index * channels + c;
            read(at * pixels, plane, pixels);
            for (int i = 0; i < pixels; i++)
                if (channels > 1) values[colours * i + c] = plane[i];
                else Arrays.fill(values, 3 * i, 3 * i + 3, plane[i]);
        }
        return values;
    }

    private void requireFinite(float[] values, int index) throws FormatException {
        if (allowNonfinite) return;
        for (int i = 0; i < values.length; i++)
            if (!Float.isFinite(values[i]))
                throw new FormatException(file.name() + ": frame " + index % shape.frames()
                        + (shape.members() == 1 ? "" : " of member " + index / shape.frames()) + " holds " + values[i]
                        + " at [" + i / shape.channels() / shape.width() + ", "
                        + i / shape.channels() % shape.width()
                        + "]; frames that are not finite are taken only if allowed");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
