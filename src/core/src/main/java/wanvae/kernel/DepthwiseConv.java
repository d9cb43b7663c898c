package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import wanvae.runtime.Team;

/**
 * Convolution of each channel by itself with a square kernel and zeros beyond the edges. It convolves one frame, or a
 * frame and the one before it side by side, as if the channels of both were those of one frame.
 *
 * <p>A worker copies a block's rows with the border around them, then computes eight pixels of one vector of channels
 * at a time. Each sum is one chain of FMAs in the order of the taps, so results do not depend on blocks or threads.
 */
public final class DepthwiseConv implements Convolution {
    /** Rows and columns of a block: with its border it stays in a second-level cache. */
    private static final int ROWS = 4, COLUMNS = 32;
    /** The blocks of any window. */
    static final Sharing.Cut CUT = new Sharing.Cut(ROWS, COLUMNS);
    /** Pixels computed at a time. */
    private static final int GROUP = 8;
    /** Pixels are less than 16 MiB apart, as in {@link StridedGemm}. */
    private static final long PIXEL_MASK = 0xffffffL;

    private static final TemporalWinograd STILL = new TemporalWinograd(0, Border.ZEROS, 0);

    private final int channels, side, kt;
    private final MemorySegment weights;

    private DepthwiseConv(int channels, int side, int kt, Arena arena) {
        int stride = Simd.padded(channels);
        if (channels < 1 || side % 2 != 1 || kt < 1 || kt > 2 || kt == 2 && stride != channels)
            throw new IllegalArgumentException(
                    "no convolution of each of " + kt + " times " + channels + " channels of " + side + "x" + side);
        this.channels = channels;
        this.side = side;
        this.kt = kt;
        this.weights = arena == null ? null : arena.allocate(4L * kt * side * side * stride, 64);
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static DepthwiseConv dry(int channels, int side, int kt) {
        return new DepthwiseConv(channels, side, kt, null);
    }

    /**
     * Packs the weights.
     *
     * @param arena    owner of the packed weights
     * @param weight   {@code [kt·channels][1][side][side]} floats in C order, a frame's own channels before those of
     *                 the frame before it; not needed afterwards
     * @param channels channels of a frame; a multiple of {@link Simd#CHANNEL_BLOCK} where kt is 2
     * @param side     odd: the kernel is centred
     * @param kt       frames side by side, 1 or 2
     */
    public DepthwiseConv(Arena arena, MemorySegment weight, int channels, int side, int kt) {
        this(channels, side, kt, arena);
        if (weight.byteSize() != 4L * kt * channels * side * side)
            throw new IllegalArgumentException("a convolution of each of " + kt + " times " + channels + " channels of "
                    + side + "x" + side + " cannot have weights of " + weight.byteSize() + " bytes");
        int stride = Simd.padded(channels);
        int taps = side * side;
        for (int c = 0; c < kt * channels; c++)
            for (int tap = 0; tap < taps; tap++)
                weights.setAtIndex(
                        ValueLayout.JAVA_FLOAT,
                        ((long) c / channels * taps + tap) * stride + c % channels,
                        weight.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) c * taps + tap));
    }

    @Override
    public long operations() {
        return 2L * kt * channels * side * side;
    }

    @Override
    public Window reads(Window computed) {
        return computed.grown(side / 2, side / 2);
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Block().bytes;
    }

    /**
     * Convolves.
     *
     * @param in       kt - 1 past frames (null: zeros) and T new ones of {@code [H][W][channels]}
     * @param epilogue where T frames of {@code [H][W][kt·channels]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int frames = in.count() - (kt - 1);
        if (in.channels() != channels
                || result.channels() != kt * channels
                || norm != null && norm.channels() != channels
                || frames < 1
                || result.count() != frames)
            throw new IllegalArgumentException("a convolution of each of " + kt + " times " + channels
                    + " channels cannot take " + in.count() + " frames of " + in.window() + " with " + in.channels()
                    + " to " + result.count() + " of " + result.window() + " with " + result.channels());
        requireWindows(in, epilogue);
        Window window = epilogue.window();
        Block block = new Block();
        int across = Math.ceilDiv(window.width(), COLUMNS), blocks = across * Math.ceilDiv(window.height(), ROWS);
        team.run(
                frames * blocks,
                (task, worker) -> block(
                        block,
                        workspace.address(worker, block.bytes),
                        in,
                        norm,
                        epilogue,
                        task / blocks,
                        window.y() + task % blocks / across * ROWS,
                        window.x() + task % across * COLUMNS));
    }

    private void block(Block b, long scratch, Frames in, GroupNorm norm, Epilogue epilogue, int t, int y0, int x0) {
        Window window = epilogue.window();
        int height = Math.min(ROWS, window.bottom() - y0), width = Math.min(COLUMNS, window.right() - x0);
        long strip = scratch + b.strip, pixel = 4L * in.stride();
        for (int part = 0; part < kt; part++) {
            STILL.gather(
                    0,
                    in,
                    norm,
                    t + kt - 1 - part,
                    y0 - side / 2,
                    x0 - side / 2,
                    height + side - 1,
                    width + side - 1,
                    scratch,
                    strip,
                    b.stripRow,
                    0);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x += GROUP)
                    pixels(
                            strip + y * b.stripRow + x * pixel,
                            b.stripRow,
                            pixel,
                            side,
                            weights.address() + part * side * side * pixel,
                            scratch + b.sums + (y * COLUMNS + x) * kt * pixel + part * pixel,
                            kt * pixel);
        }
        for (int y = 0; y < height; y++)
            epilogue.row(scratch + b.sums + y * COLUMNS * kt * pixel, t, y0 + y, x0, width);
    }

    /**
     * Computes eight pixels.
     *
     * @param s      the first input pixel that the first output pixel reads; rows are {@code row} and pixels {@code
     *               pixel} bytes apart
     * @param row    bytes from one input row to the next
     * @param pixel  bytes of a pixel
     * @param side   taps across
     * @param w      {@code [side][side][pixel]}
     * @param target where the first output pixel goes
     * @param step   bytes from one output pixel to the next
     */
    static void pixels(long s, long row, long pixel, int side, long w, long target, long step) {
        long next = pixel & PIXEL_MASK, to = step & PIXEL_MASK;
        for (long c = 0; c < pixel; c += 4L * LANES) {
            FloatVector zero = FloatVector.zero(SPECIES);
            FloatVector y0 = zero, y1 = zero, y2 = zero, y3 = zero, y4 = zero, y5 = zero, y6 = zero, y7 = zero;
            long tap = w + c;
            for (int i = 0; i < side; i++) {
                long p = s + i * row + c;
                for (int j = 0; j < side; j++, p += next, tap += next) {
                    long a = p & MASK, b = p + 4 * next & MASK;
                    FloatVector x = FloatVector.fromMemorySegment(SPECIES, ALL, tap & MASK, ORDER);
                    y0 = FloatVector.fromMemorySegment(SPECIES, ALL, a, ORDER).fma(x, y0);
                    y1 = FloatVector.fromMemorySegment(SPECIES, ALL, a + next, ORDER)
                            .fma(x, y1);
                    y2 = FloatVector.fromMemorySegment(SPECIES, ALL, a + 2 * next, ORDER)
                            .fma(x, y2);
                    y3 = FloatVector.fromMemorySegment(SPECIES, ALL, a + 3 * next, ORDER)
                            .fma(x, y3);
                    y4 = FloatVector.fromMemorySegment(SPECIES, ALL, b, ORDER).fma(x, y4);
                    y5 = FloatVector.fromMemorySegment(SPECIES, ALL, b + next, ORDER)
                            .fma(x, y5);
                    y6 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 2 * next, ORDER)
                            .fma(x, y6);
                    y7 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 3 * next, ORDER)
                            .fma(x, y7);
                }
            }
            long a = target + c & MASK, b = target + c + 4 * to & MASK;
            y0.intoMemorySegment(ALL, a, ORDER);
            y1.intoMemorySegment(ALL, a + to, ORDER);
            y2.intoMemorySegment(ALL, a + 2 * to, ORDER);
            y3.intoMemorySegment(ALL, a + 3 * to, ORDER);
            y4.intoMemorySegment(ALL, b, ORDER);
            y5.intoMemorySegment(ALL, b + to, ORDER);
            y6.intoMemorySegment(ALL, b + 2 * to, ORDER);
            y7.intoMemorySegment(ALL, b + 3 * to, ORDER);
        }
    }

    /** Where a block's pieces lie in a worker's scratch. */
    private final class Block {
        final long stripRow, strip, sums, bytes;

        Block() {
            long pixel = 4L * Simd.padded(channels);
            stripRow = (COLUMNS + side - 1) * pixel + 3 * 64;
            strip = stripRow;
            // A group reads beyond the last row.
            sums = strip + (ROWS + side - 1) * stripRow + GROUP * pixel;
            bytes = sums + kt * pixel * ROWS * COLUMNS;
        }
    }
}
