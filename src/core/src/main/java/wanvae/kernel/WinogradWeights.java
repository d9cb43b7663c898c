package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;

/**
 * A convolution's weights, transformed along time and down the columns, in panels of output channels: {@code
 * [planes][N/WIDTH][taps][K][WIDTH]}, with the taps along a row ({@link PlaneGemm} makes frequencies of them). They are
 * made when they are first needed and then kept, or else made in the workspace for each run.
 *
 * <p>Down the columns there are {@code tile + 2} planes, or {@code [2][2][5]} where the kernel is folded, or one where
 * it has no columns; the sixth plane of a parted kernel is its middle row. Where there are two or three taps in time,
 * there are as many planes for each of six frequencies in time; the sixth frequency of two taps is the newest tap.
 * Where borders are replicated, there are as many planes again for the sum of the taps.
 *
 * <p>They are made in slices of a few input channels, with all planes in cache, so that they are written to memory in
 * few streams of whole cache lines.
 */
final class WinogradWeights {
    /** How a kernel of 3x3 is transformed. */
    enum Form {
        /** As it is. */
        WHOLE,
        /**
         * For a picture enlarged by 2: folded into four kernels of 2x2 on the picture itself, one for each output pixel
         * that an input pixel makes.
         */
        FOLDED,
        /** For stride 2: the first and the third tap, which see every other pixel, apart from the second. */
        PARTED
    }

    private static final int POINTS = 6;
    /** The taps of a 3x3 kernel in the order of {@link Form#PARTED}. */
    private static final int[] PARTED_TAPS = {0, 2, 1, 6, 8, 7, 3, 5, 4};
    /** Input channels of a slice: two copies of all frequencies of a panel fit into a second-level cache. */
    private static final int SLICE = 8;

    /** Null where there are no values ({@link #dry}). */
    private final Arena arena;

    private final long weights;
    private final int out, in, k, n, kt, side, down;
    private final Form form;
    private final Border border;
    private volatile MemorySegment kept;

    /**
     * @param arena    owner of {@code weight}, which must live as long as these weights, and of transformed weights
     *                 that are kept
     * @param weight   {@code [out][in][kt][side][side]} floats in C order, native memory; where kt is 2 {@code
     *                 [out][2·in][side][side]}, a frame's own channels before those of the frame before it
     * @param kt       taps in time, 1 to 3
     * @param side     taps in height and width, 1 or 3
     * @param form     how a 3x3 kernel is transformed; {@code WHOLE} where side is 1
     * @param tile     rows of a tile where side is 3: 4, or 6 where the kernel is whole
     */
    WinogradWeights(
            Arena arena, MemorySegment weight, int out, int in, int kt, int side, Form form, int tile, Border border) {
        this(arena, weight.address(), out, in, kt, side, form, tile, border);
        if (weight.byteSize() != 4L * out * in * kt * side * side || !weight.isNative())
            throw new IllegalArgumentException("a convolution " + in + " to " + out + " of " + kt + "x" + side + "x"
                    + side + " cannot have weights of " + weight.byteSize() + " bytes");
    }

    /** Weights without values: they tell how many bytes they would take. */
    static WinogradWeights dry(int out, int in, int kt, int side, Form form, int tile, Border border) {
        return new WinogradWeights(null, 0, out, in, kt, side, form, tile, border);
    }

    private WinogradWeights(
            Arena arena, long weights, int out, int in, int kt, int side, Form form, int tile, Border border) {
        this.arena = arena;
        this.weights = weights;
        this.out = out;
        this.in = in;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.kt = kt;
        this.side = side;
        this.form = form;
        this.border = border;
        this.down = side == 3 ? tile + 2 : 1;
    }

    /** Frequencies down a column: F(4,2) is F(4,3) without the point at infinity. */
    private int rows() {
        return form == Form.FOLDED ? down - 1 : down;
    }

    /** Taps along a row. */
    private int taps() {
        return form == Form.FOLDED ? 2 : side;
    }

    /** The number of planes along time: the frequencies and, where edges are repeated, the sum of the taps. */
    private int times() {
        return kt == 1 ? 1 : border == Border.REPLICATE ? POINTS + 1 : POINTS;
    }

    /**
     * The plane along time for a still frame, one whose past is zeros, or like itself where edges are repeated: the
     * newest tap, or the sum of the taps.
     */
    int still() {
        return times() - 1;
    }

    private long phaseBytes() {
        return rows() * taps() * 4L * k * n;
    }

    /** Bytes of the planes of one frequency in time. */
    long timeBytes() {
        return (form == Form.FOLDED ? 4 : 1) * phaseBytes();
    }

    /** Bytes of all planes, or of those of {@link #still}. */
    long bytes(boolean stillOnly) {
        return (stillOnly ? 1 : times()) * timeBytes();
    }

    /** Bytes that a worker needs while it makes the planes: two copies of those of a slice. */
    long scratchBytes() {
        return 2 * sliceBytes(Math.min(n, Gemm.WIDTH));
    }

    private long sliceBytes(int width) {
        return (POINTS + 1L) * down * side * 4 * SLICE * width;
    }

    /**
     * The address of plane 0.
     *
     * @param stillOnly whether only the plane {@link #still} is needed; the memory of the others may then not exist
     */
    long address(Team team, Workspace workspace, boolean stillOnly) {
        if (arena == null) throw new IllegalStateException("a dry convolution has no weights to run with");
        boolean all = kt == 1 || !stillOnly;
        MemorySegment there = kept;
        if (there == null && all && bytes(false) <= workspace.largestKept()) there = keep(team, workspace);
        if (there != null) return there.address();
        long shared = workspace.weights(bytes(!all));
        transform(team, workspace, shared, !all);
        return all ? shared : shared - still() * timeBytes();
    }

    private synchronized MemorySegment keep(Team team, Workspace workspace) {
        if (kept == null) {
            MemorySegment all = LargeMemory.allocate(arena, bytes(false));
            transform(team, workspace, all.address(), false);
            kept = all;
        }
        return kept;
    }

    private void transform(Team team, Workspace workspace, long target, boolean stillOnly) {
        int panels = Math.ceilDiv(n, Gemm.WIDTH), slices = Math.ceilDiv(k, 8 * SLICE);
        team.run(panels * slices, (task, worker) -> {
            int panel = task / slices, width = PlaneGemm.width(n, panel), from = task % slices * 8 * SLICE;
            long a = workspace.address(worker, scratchBytes()), b = a + sliceBytes(width);
            for (int i = from; i < Math.min(k, from + 8 * SLICE); i += SLICE) {
                long to = target + taps() * 4L * panel * Gemm.WIDTH * k + 4L * i * width;
                if (form == Form.FOLDED)
                    for (int phase = 0; phase < 4; phase++)
                        slice(phase, stillOnly, panel, i, width, a, b, to + phase * phaseBytes());
                else slice(-1, stillOnly, panel, i, width, a, b, to);
            }
        });
    }

    /**
     * All planes of a slice, or those of {@link #still}.
     *
     * @param phase number of one of the four 2x2 kernels, or -1 for a kernel that is not folded
     */
    private void slice(int phase, boolean stillOnly, int panel, int from, int width, long a, long b, long target) {
        boolean newest = stillOnly && border == Border.ZEROS;
        int times = newest ? 1 : kt, first = newest ? kt - 1 : 0;
        if (phase < 0) plain(panel, from, first, times, width, a);
        else folded(phase, panel, from, first, times, width, a);
        long planes = a, other = b;
        if (side == 3) {
            columns(planes, other, times, width);
            planes = b;
            other = a;
        }
        int count = down * side;
        if (times > 1) {
            if (kt == 2) pair(planes, planes + count * 4L * SLICE * width, other, count, width);
            else if (!stillOnly) pass(planes, other, count, count, width);
            if (border == Border.REPLICATE)
                sum(planes, other + (stillOnly ? 0 : POINTS * count * 4L * SLICE * width), count, width);
            planes = other;
        }
        store(planes, stillOnly ? 1 : times(), width, target);
    }

    /** Copies the taps of {@code times} points in time, from {@code first} on. */
    private void plain(int panel, int from, int first, int times, int width, long a) {
        int area = side * side;
        for (int o = 0; o < width; o++)
            for (int i = 0; i < SLICE; i++)
                for (int t = 0; t < times; t++) {
                    long kernel = kernel(panel * Gemm.WIDTH + o, from + i, first + t);
                    for (int tap = 0; tap < area; tap++)
                        Simd.set(
                                a + 4L * (((t * area + tap) * SLICE + i) * width + o),
                                kernel == 0
                                        ? 0
                                        : Simd.get(kernel + 4L * (form == Form.PARTED ? PARTED_TAPS[tap] : tap)));
                }
    }

    /** As {@link #plain}, of one of the four 2x2 kernels. */
    private void folded(int phase, int panel, int from, int first, int times, int width, long a) {
        for (int o = 0; o < width; o++)
            for (int i = 0; i < SLICE; i++)
                for (int t = 0; t < times; t++) {
                    long kernel = kernel(panel * Gemm.WIDTH + o, from + i, first + t);
                    for (int y = 0; y < 3; y++)
                        for (int x = 0; x < 3; x++)
                            Simd.set(
                                    a + 4L * (((t * 9 + 3 * y + x) * SLICE + i) * width + o),
                                    kernel == 0 ? 0 : folded(phase, kernel, y, x));
                }
    }

    /**
     * A tap of one of the four 2x2 kernels; zero for the third in each direction. For an even output pixel, the first
     * tap of the 3x3 kernel sees the left neighbour of the pixel's source, and the other two see the source. For an odd
     * one, the first two taps see the source and the third its right neighbour.
     */
    private static float folded(int phase, long kernel, int y, int x) {
        int py = phase >> 1, px = phase & 1;
        float sum = 0;
        for (int ky = y * (1 + py); y < 2 && ky < (y == 0 ? 1 + py : 3); ky++)
            for (int kx = x * (1 + px); x < 2 && kx < (x == 0 ? 1 + px : 3); kx++)
                sum += Simd.get(kernel + 4L * (3 * ky + kx));
        return sum;
    }

    /**
     * The address of the taps of one point in time, or 0 beyond the channels there are. They are read value by value:
     * the weights may be a mapped file, and a vector load would end the process if that file is truncated meanwhile.
     */
    private long kernel(int o, int i, int t) {
        if (i >= in || o >= out) return 0;
        long kernel = kt == 2 ? (2L * o + 1 - t) * in + i : ((long) o * in + i) * kt + t;
        return weights + 4 * kernel * side * side;
    }

    /** {@code [count][3][3]} planes in a to {@code [count][down][3]} in b. */
    private void columns(long a, long b, int count, int width) {
        long plane = 4L * SLICE * width, vector = 4L * Simd.LANES;
        for (int c = 0; c < count; c++)
            if (form == Form.PARTED)
                pair(a + 9 * c * plane, a + (9 * c + 6) * plane, b + 3 * down * c * plane, 3, width);
            else if (down == POINTS) pass(a + 9 * c * plane, b + 3 * down * c * plane, 3, 3, width);
            else
                WinogradTransform.weights6(
                        a + 9 * c * plane, vector, 3 * plane, b + 3 * down * c * plane, vector, 3 * plane, (int)
                                (3 * plane / vector));
    }

    /** Three taps, {@code stride} planes apart, to six points, for {@code count} planes that follow one another. */
    private static void pass(long source, long target, int stride, int count, int width) {
        long vector = 4L * Simd.LANES, plane = 4L * SLICE * width;
        WinogradTransform.weights(
                source, vector, stride * plane, target, vector, stride * plane, (int) (count * plane / vector));
    }

    /**
     * Two taps, of {@code count} planes each, to the five finite points. The sixth place, which they do not need, takes
     * another tap as it is.
     */
    private static void pair(long source, long another, long target, int count, int width) {
        long bytes = count * 4L * SLICE * width;
        Border.copy(source, target, bytes);
        WinogradTransform.innerWeights2(source, bytes, target + bytes, bytes);
        Border.copy(another, target + 5 * bytes, bytes);
    }

    /** Sums the three taps in time of each of {@code planes} planes. */
    private static void sum(long source, long target, int planes, int width) {
        long bytes = planes * 4L * SLICE * width;
        for (long i = 0; i < bytes; i += 4L * Simd.LANES)
            Simd.store(
                    Simd.load(source + i).add(Simd.load(source + bytes + i)).add(Simd.load(source + 2 * bytes + i)),
                    target + i);
    }

    /** Copies planes to their places. */
    private void store(long source, int times, int width, long target) {
        long bytes = 4L * SLICE * width;
        for (int t = 0; t < times; t++)
            for (int y = 0; y < rows(); y++)
                for (int x = 0; x < taps(); x++) {
                    long from = source + ((t * down + y) * side + x) * bytes,
                            to = target + t * timeBytes() + y * taps() * 4L * k * n + x * 4L * k * width;
                    for (long i = 0; i < bytes; i += 4L * Simd.LANES) Simd.store(Simd.load(from + i), to + i);
                }
    }
}
