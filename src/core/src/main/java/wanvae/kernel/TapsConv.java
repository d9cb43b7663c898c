package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.SPECIES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import wanvae.runtime.Team;

/**
 * Per-frame 3x3 convolution to three channels, split by its taps. A matrix product computes what every pixel adds to
 * the nine outputs around it, and each output is the sum of nine such parts. Three channels would leave a vector nearly
 * empty, so the parts of all taps share vectors. They take 32 products for each input channel, where Winograd's
 * algorithm takes 36 and direct convolution 144, and need no transform.
 *
 * <p>A worker computes the parts of a block of pixels with the border around it, and sums them while they are in cache.
 * Every element is computed in one fixed order, so results do not depend on blocks or threads.
 */
public final class TapsConv implements Convolution {
    /** Output channels. */
    public static final int OUT = 3;

    private static final int TAPS = 9;
    /** Bytes of a pixel's parts, and of an output. */
    private static final long PART = 4L * Simd.padded(TAPS * OUT), PIXEL = 4L * Simd.padded(OUT);
    /** Rows and columns of a block: its parts stay in a second-level cache. */
    private static final int ROWS = 16, COLUMNS = 104;
    /** The blocks of any window. */
    static final Sharing.Cut CUT = new Sharing.Cut(ROWS, COLUMNS);

    private static final VectorMask<Float> OUTPUTS = SPECIES.indexInRange(0, OUT);

    private final int in;
    /** Packed; null in a {@link #dry} convolution. */
    private final MemorySegment weights;

    private TapsConv(int in, Arena arena) {
        if (in < 1) throw new IllegalArgumentException("no convolution of " + in + " channels");
        this.in = in;
        weights = arena == null
                ? null
                : arena.allocate(StridedGemm.bytes(Simd.padded(in), StridedGemm.vectors(TAPS * OUT)), 64);
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static TapsConv dry(int in) {
        return new TapsConv(in, null);
    }

    /**
     * Packs the weights.
     *
     * @param arena  owner of the packed weights
     * @param weight {@code [3][in][3][3]} floats in C order; not needed afterwards
     */
    public TapsConv(Arena arena, MemorySegment weight, int in) {
        this(in, arena);
        if (weight.byteSize() != 4L * TAPS * OUT * in)
            throw new IllegalArgumentException("a convolution " + in + " to " + OUT + " of 3x3 cannot have weights of "
                    + weight.byteSize() + " bytes");
        int vectors = StridedGemm.vectors(TAPS * OUT);
        for (int o = 0; o < OUT; o++)
            for (int i = 0; i < in; i++)
                for (int tap = 0; tap < TAPS; tap++)
                    weights.set(
                            ValueLayout.JAVA_FLOAT,
                            StridedGemm.offset(i, tap * OUT + o, Simd.padded(in), vectors),
                            weight.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) (o * in + i) * TAPS + tap));
    }

    @Override
    public long operations() {
        return 2L * in * OUT * TAPS;
    }

    @Override
    public Window reads(Window computed) {
        return computed.grown(1, 1);
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Block(in).bytes;
    }

    /**
     * Convolves.
     *
     * @param in       T frames of {@code [H][W][in]}
     * @param epilogue where T frames of {@code [H][W][3]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        if (in.channels() != this.in
                || result.channels() != OUT
                || norm != null && norm.channels() != this.in
                || result.count() != in.count())
            throw new IllegalArgumentException("a convolution " + this.in + " to " + OUT + " cannot take " + in.count()
                    + " frames of " + in.window() + " with " + in.channels() + " channels to " + result.count() + " of "
                    + result.window() + " with " + result.channels());
        requireWindows(in, epilogue);
        Window window = epilogue.window();
        Block block = new Block(this.in);
        int across = Math.ceilDiv(window.width(), COLUMNS), blocks = across * Math.ceilDiv(window.height(), ROWS);
        team.run(
                in.count() * blocks,
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
        int pictureHeight = in.window().pictureHeight(),
                pictureWidth = in.window().pictureWidth();
        int from = Math.max(0, x0 - 1), to = Math.min(pictureWidth, x0 + width + 1);
        for (int r = 0; r < height + 2; r++) {
            int y = y0 - 1 + r;
            long row = scratch + r * b.row;
            if (y < 0 || y >= pictureHeight || in.address(t) == 0) {
                Border.zero(row, (width + 2) * PART);
                continue;
            }
            parts(b, scratch, in.address(t) + in.offset(y, from), norm, to - from, row + (from - x0 + 1) * PART);
            if (from > x0 - 1) Border.zero(row, PART);
            if (to < x0 + width + 1) Border.zero(row + (width + 1) * PART, PART);
        }
        long sums = scratch + b.sums;
        for (int r = 0; r < height; r++) {
            sum(scratch + r * b.row, b.row, width, sums);
            epilogue.row(sums, t, y0 + r, x0, width);
        }
    }

    /**
     * Computes the parts of a row of pixels. The pixels are copied first: the hardware reads ahead of a copy, but not
     * of a product, which takes twelve pixels at a time.
     */
    private void parts(Block b, long scratch, long row, GroupNorm norm, int pixels, long target) {
        long pixel = 4L * Simd.padded(in), copy = scratch + b.copy;
        if (norm == null) Border.copy(row, copy, pixels * pixel);
        else norm.apply(row, copy, pixels);
        // The product writes whole register tiles, so it also writes behind the row.
        StridedGemm.multiplyTo(
                copy,
                pixel,
                4,
                pixels,
                weights.address(),
                Simd.padded(in),
                StridedGemm.vectors(TAPS * OUT),
                target,
                PART,
                scratch + b.tile);
    }

    /**
     * Sums a row of outputs.
     *
     * @param above  parts of the pixel above and left of the first output; the next rows are {@code row} bytes further
     * @param target {@code [count][padded(3)]}, zeros beyond the three channels
     */
    static void sum(long above, long row, int count, long target) {
        long tap = 4L * OUT;
        for (int x = 0; x < count; x++, above += PART, target += PIXEL) {
            long a = above, b = above + row + 3 * tap, c = above + 2 * row + 6 * tap;
            FloatVector s = Simd.load(a)
                    .add(Simd.load(a + PART + tap))
                    .add(Simd.load(a + 2 * (PART + tap)))
                    .add(Simd.load(b))
                    .add(Simd.load(b + PART + tap))
                    .add(Simd.load(b + 2 * (PART + tap)))
                    .add(Simd.load(c))
                    .add(Simd.load(c + PART + tap))
                    .add(Simd.load(c + 2 * (PART + tap)));
            Simd.store(FloatVector.zero(SPECIES).blend(s, OUTPUTS), target);
            for (long rest = 4L * LANES; rest < PIXEL; rest += 4L * LANES)
                Simd.store(FloatVector.zero(SPECIES), target + rest);
        }
    }

    /** Where a block's pieces lie in a worker's scratch. */
    private final class Block {
        final long row, sums, copy, tile, bytes;

        Block(int in) {
            // Behind a row there is room for the rest of a register tile and of a vector.
            row = (COLUMNS + 2 + StridedGemm.ROWS) * PART + 3 * 64;
            sums = (ROWS + 2) * row;
            copy = sums + COLUMNS * PIXEL;
            tile = copy + (COLUMNS + 2 + StridedGemm.ROWS) * 4L * Simd.padded(in);
            bytes = tile + StridedGemm.TILE;
        }
    }
}
