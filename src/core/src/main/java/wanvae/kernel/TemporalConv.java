package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/**
 * Causal 3x1x1 convolution by Winograd's algorithm in time ({@link TemporalWinograd}): half the multiplications of
 * direct convolution for groups of four frames.
 *
 * <p>A worker takes a block of pixels through all steps while it is in cache: the temporal transform of its rows, one
 * matrix product for each frequency, and the inverse transform, row by row into the epilogue.
 */
public final class TemporalConv implements Convolution {
    /**
     * Pixels of a block, in whole tiles of {@link StridedGemm}: enough that each weight read is used often, few enough
     * that six frequencies of input and output stay in cache.
     */
    private static final int PIXELS = 192;

    private final int in, out, k, n;
    private final WinogradWeights weights;
    private final TemporalWinograd time;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena  owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link
     *               #transformedBytes}) go there too
     * @param weight {@code [out][in][3]} floats in C order, native memory
     */
    public TemporalConv(Arena arena, MemorySegment weight, int out, int in) {
        this(out, in, new WinogradWeights(arena, weight, out, in, 3, 1, WinogradWeights.Form.WHOLE, 1, Border.ZEROS));
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static TemporalConv dry(int out, int in) {
        return new TemporalConv(
                out, in, WinogradWeights.dry(out, in, 3, 1, WinogradWeights.Form.WHOLE, 1, Border.ZEROS));
    }

    private TemporalConv(int out, int in, WinogradWeights weights) {
        this.in = in;
        this.out = out;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.weights = weights;
        this.time = new TemporalWinograd(2, Border.ZEROS, weights.still());
    }

    @Override
    public long transformedBytes() {
        return weights.bytes(false);
    }

    @Override
    public long transformedBytes(Frames in) {
        return weights.bytes(time.allStill(in));
    }

    @Override
    public long operations() {
        return 2L * in * out * 3;
    }

    @Override
    public Window reads(Window computed) {
        return computed;
    }

    @Override
    public long scratchBytes(int height, int width) {
        return Math.max(new Block(Window.whole(height, width)).bytes, weights.scratchBytes());
    }

    /**
     * Convolves.
     *
     * @param in       two past frames (null: zeros) and T new ones of {@code [H][W][in]}
     * @param epilogue where T frames of {@code [H][W][out]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int frames = in.count() - 2;
        if (in.channels() != this.in
                || result.channels() != out
                || norm != null && norm.channels() != this.in
                || frames < 1
                || result.count() != frames)
            throw new IllegalArgumentException("a convolution " + this.in + " to " + out + " of 3x1x1 cannot take "
                    + in.count() + " frames of " + in.height() + "x" + in.width() + "x" + in.channels() + " to "
                    + result.count() + " of " + result.height() + "x" + result.width() + "x" + result.channels());
        requireWindows(in, epilogue);
        Window window = epilogue.window();
        Block block = new Block(window);
        long address = weights.address(team, workspace, time.allStill(in));
        int columns = Math.ceilDiv(window.width(), block.columns),
                blocks = columns * Math.ceilDiv(window.height(), block.rows);
        for (int t = 0; t < frames; ) {
            int from = t, m = time.next(in, t), count = time.count(in, t, m);
            team.run(
                    blocks,
                    (task, worker) -> block(
                            block,
                            workspace.address(worker, block.bytes),
                            address,
                            in,
                            norm,
                            epilogue,
                            from,
                            m,
                            count,
                            window.y() + task / columns * block.rows,
                            window.x() + task % columns * block.columns));
            t += count;
        }
    }

    private void block(
            Block b,
            long scratch,
            long weights,
            Frames in,
            GroupNorm norm,
            Epilogue epilogue,
            int t,
            int m,
            int count,
            int y0,
            int x0) {
        int height = Math.min(b.rows, epilogue.window().bottom() - y0),
                width = Math.min(b.columns, epilogue.window().right() - x0),
                pixels = height * width;
        int[] frequencies = time.frequencies(m);
        for (int y = 0; y < height; y++)
            time.in(
                    m,
                    in,
                    norm,
                    t,
                    in.offset(y0 + y, x0),
                    width,
                    scratch + b.past,
                    b.pastRow,
                    scratch + b.in + y * width * 4L * k,
                    b.inPlane);
        for (int i = 0; i < frequencies.length; i++) {
            long sums = scratch + b.sums + i * b.sumPlane;
            Border.zero(sums, StridedGemm.padded(pixels) * 4L * n);
            StridedGemm.multiply(
                    scratch + b.in + i * b.inPlane,
                    4L * k,
                    4,
                    pixels,
                    weights + frequencies[i] * this.weights.timeBytes(),
                    k,
                    StridedGemm.vectors(n),
                    sums,
                    4L * n,
                    scratch);
        }
        for (int y = 0; y < height; y++) {
            long rows = time.out(
                    m, scratch + b.sums + y * width * 4L * n, b.sumPlane, scratch + b.row, b.rowBytes, width * 4L * n);
            for (int f = 0; f < count; f++) epilogue.row(rows + f * b.rowBytes, t + f, y0 + y, x0, width);
        }
    }

    /** The blocks of a window. */
    Sharing.Cut cut(Window window) {
        Block block = new Block(window);
        return new Sharing.Cut(block.rows, block.columns);
    }

    /** How a window is cut, and where a block's pieces lie in a worker's scratch. */
    private final class Block {
        final int rows, columns;
        final long past = StridedGemm.TILE,
                pastRow = PIXELS * 4L * k,
                row = past + TemporalWinograd.POINTS * pastRow,
                rowBytes = PIXELS * 4L * n;
        final long in = row + 4 * rowBytes, inPlane = PIXELS * 4L * k + 3 * 64;
        final long sums = in + TemporalWinograd.POINTS * inPlane, sumPlane = PIXELS * 4L * n + 3 * 64;
        final long bytes = sums + TemporalWinograd.POINTS * sumPlane;

        Block(Window window) {
            columns = Math.min(window.width(), PIXELS);
            rows = Math.min(window.height(), PIXELS / columns);
        }
    }
}
