package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/**
 * Per-frame 3x3 convolution with stride 2 by Winograd's algorithm. In each direction the first and the third tap see
 * every other pixel and are a convolution of two taps with stride 1 on these, by F(4,2); the middle tap multiplies the
 * pixels between them directly. That makes 5 + 4 products for four outputs and, in both directions, 81 for 16: 1.78
 * times fewer than direct convolution.
 *
 * <p>As in {@link WinogradConv} a worker takes a block of tiles, of 4x4 output pixels, through all steps while it is in
 * cache: it copies the rows with the border around them and transforms the columns into five frequencies; for each of
 * these, and for each of the four rows between, it transforms the rows into five frequencies, multiplies ({@link
 * PlaneGemm}), transforms back, and adds the products of the pixels between ({@link StridedGemm}); finally it
 * transforms the columns back, row by row into the epilogue.
 *
 * <p>Tiles lie on absolute coordinates and every element is computed in one fixed order, so results do not depend on
 * blocks or threads.
 */
public final class Stride2Conv implements Convolution {
    /** The zeros around a frame. */
    public enum Padding {
        /** A row below and a column to the right, as Wan's encoder has them: H/2 rows come out, rounded down. */
        BEHIND(0),
        /** On all sides, as {@code Conv2d(stride=2, padding=1)} has them: H/2 rows come out, rounded up. */
        AROUND(1);

        private final int before;

        Padding(int before) {
            this.before = before;
        }
    }

    /** Output rows and columns of a tile. */
    private static final int TILE = 4;
    /** Frequencies of two taps; planes are these and the four pixels between them. */
    private static final int FREQUENCIES = 5, PLANES = FREQUENCIES + TILE;
    /** Taps along a row and down a column. */
    private static final int TAPS = 3;

    private static final long VECTOR = 4L * LANES, BLOCK = 4L * Gemm.BLOCK;
    /** Reads frames as they are, without a past. */
    private static final TemporalWinograd STILL = new TemporalWinograd(0, Border.ZEROS, 0);

    private final int in, out, k, n;
    private final Padding padding;
    private final WinogradWeights weights;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena  owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link
     *               #transformedBytes}) go there too
     * @param weight {@code [out][in][3][3]} floats in C order, native memory
     */
    public Stride2Conv(Arena arena, MemorySegment weight, int out, int in, Padding padding) {
        this(
                out,
                in,
                padding,
                new WinogradWeights(arena, weight, out, in, 1, TAPS, WinogradWeights.Form.PARTED, TILE, Border.ZEROS));
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static Stride2Conv dry(int out, int in, Padding padding) {
        return new Stride2Conv(
                out,
                in,
                padding,
                WinogradWeights.dry(out, in, 1, TAPS, WinogradWeights.Form.PARTED, TILE, Border.ZEROS));
    }

    private Stride2Conv(int out, int in, Padding padding, WinogradWeights weights) {
        this.in = in;
        this.out = out;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.padding = padding;
        this.weights = weights;
    }

    /** Output rows (or columns) of this number of input rows (or columns). */
    public int outputs(int inputs) {
        return (inputs + padding.before) / 2;
    }

    @Override
    public long transformedBytes() {
        return weights.bytes(false);
    }

    @Override
    public long operations() {
        return 2L * in * out * TAPS * TAPS;
    }

    /** Whole tiles, because a pixel's last bits depend on all pixels that its tile reads. */
    @Override
    public Window computes(Window wanted) {
        return wanted.tiled(TILE, TILE);
    }

    /** The input pixels that computing this window reads, where the input has twice the output's height and width. */
    @Override
    public Window reads(Window computed) {
        return reads(computed, 2 * computed.pictureHeight(), 2 * computed.pictureWidth());
    }

    /**
     * The input pixels that computing this window reads, where the input has this height and width, which may be odd.
     */
    public Window reads(Window computed, int height, int width) {
        if (outputs(height) != computed.pictureHeight() || outputs(width) != computed.pictureWidth())
            throw new IllegalArgumentException(computed + " is not part of what comes of " + height + "x" + width);
        int y = Math.max(0, 2 * computed.y() - padding.before), x = Math.max(0, 2 * computed.x() - padding.before);
        return new Window(
                y,
                x,
                Math.min(height, 2 * computed.bottom() + 1 - padding.before) - y,
                Math.min(width, 2 * computed.right() + 1 - padding.before) - x,
                height,
                width);
    }

    @Override
    public long scratchBytes(int height, int width) {
        long block = TileBlock.largest(Window.whole(height, width), TILE, TILE, k)
                .mapToLong(tiles -> new Block(tiles).bytes)
                .max()
                .getAsLong();
        return Math.max(block, weights.scratchBytes());
    }

    /**
     * Convolves.
     *
     * @param in       T frames of {@code [H][W][in]}
     * @param epilogue where T frames of {@code [outputs(H)][outputs(W)][out]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        Window window = epilogue.window();
        if (in.channels() != this.in
                || result.channels() != out
                || norm != null && norm.channels() != this.in
                || in.count() < 1
                || result.count() != in.count())
            throw new IllegalArgumentException("a convolution " + this.in + " to " + out + " cannot take " + in.count()
                    + " frames of " + in.height() + "x" + in.width() + "x" + in.channels() + " to " + result.count()
                    + " of " + result.height() + "x" + result.width() + "x" + result.channels());
        if (!computes(window).equals(window)
                || !in.window()
                        .contains(reads(
                                window, in.window().pictureHeight(), in.window().pictureWidth())))
            throw new IllegalArgumentException("from " + in.window() + " it cannot compute " + window);
        long address = weights.address(team, workspace, false);
        int piece = epilogue.moments() == null ? 1 : GroupMoments.PIECE / TILE;
        TileBlock tiles = TileBlock.of(window, TILE, TILE, k, piece, team.size());
        Block block = new Block(tiles);
        int blocks = tiles.count(window, TILE, TILE);
        team.run(
                blocks * in.count(),
                (task, worker) -> block(
                        block,
                        workspace.address(worker, block.bytes),
                        address,
                        in,
                        norm,
                        epilogue,
                        task / blocks,
                        tiles.pixels(window, TILE, TILE, task % blocks)));
    }

    private void block(
            Block b, long scratch, long weights, Frames in, GroupNorm norm, Epilogue epilogue, int t, Window pixels) {
        int tilesX = Math.ceilDiv(pixels.width(), TILE), tilesY = Math.ceilDiv(pixels.height(), TILE);
        long xt = scratch + b.xt, xc = scratch + b.xc, yc = scratch + b.yc, rows = scratch + b.rows;
        STILL.gather(
                0,
                in,
                norm,
                t,
                2 * pixels.y() - padding.before,
                2 * pixels.x() - padding.before,
                2 * TILE * tilesY + 1,
                2 * TILE * tilesX + 1,
                scratch,
                xt,
                b.xtRow,
                0);
        int vectors = (2 * TILE * tilesX + 1) * k / LANES;
        for (int y = 0; y < tilesY; y++)
            WinogradTransform.in4of2(
                    xt + 2 * TILE * y * b.xtRow, VECTOR, 2 * b.xtRow, xc + y * b.xcRow, VECTOR, b.xcPlane, vectors);
        for (int f = 0; f < PLANES; f++) {
            long u = weights + Math.min(f, FREQUENCIES) * TAPS * 4L * k * n, y = yc + f * b.ycPlane;
            if (f < FREQUENCIES) products(b, scratch, u, xc + f * b.xcPlane, b.xcRow, y, tilesX, tilesY);
            else {
                int between = 2 * (f - FREQUENCIES) + 1;
                products(b, scratch, u, xt + between * b.xtRow, 2 * TILE * b.xtRow, y, tilesX, tilesY);
            }
        }
        for (int y = 0; y < tilesY; y++) {
            WinogradTransform.out4of2(
                    yc + y * b.ycRow, VECTOR, b.ycPlane, rows, VECTOR, b.rowBytes, TILE * tilesX * n / LANES);
            for (int row = 0; row < Math.min(TILE, pixels.height() - TILE * y); row++) {
                long sums = rows + row * b.rowBytes, between = yc + (FREQUENCIES + row) * b.ycPlane + y * b.ycRow;
                WinogradTransform.out1of2(sums, between - sums, sums, 4L * pixels.width() * n);
                epilogue.row(sums, t, pixels.y() + TILE * y + row, pixels.x(), pixels.width());
            }
        }
    }

    /**
     * Transforms the rows of one frequency down the columns, or the rows of pixels between, multiplies them, and
     * transforms the products back to rows of outputs.
     *
     * @param source {@code [tilesY][2·4·tilesX + 1][K]}, rows {@code row} bytes apart
     * @param target {@code [tilesY][4·tilesX][N]}
     */
    private void products(
            Block b, long scratch, long weights, long source, long row, long target, int tilesX, int tilesY) {
        PlaneGemm products = b.products;
        long room = scratch + b.m, step = products.vStep(), plane = products.vPlane(), pixel = 4L * k;
        for (int i = 0; i < tilesX * tilesY; i++) {
            long s = source + i / tilesX * row + i % tilesX * 2 * TILE * pixel,
                    v = room + products.v(0) + products.tile(i);
            for (long lane = 0; lane < BLOCK; lane += VECTOR)
                WinogradTransform.in4of2(s + lane, BLOCK, 2 * pixel, v + lane, step, plane, k / Gemm.BLOCK);
        }
        int panels = Math.ceilDiv(n, Gemm.WIDTH);
        for (int panel = 0; panel < panels; panel++) {
            int width = PlaneGemm.width(n, panel);
            long u = weights + panel * TAPS * pixel * Gemm.WIDTH, to = target + 4L * panel * Gemm.WIDTH;
            long ahead = panel < panels - 1 ? TAPS * pixel * PlaneGemm.width(n, panel + 1) : 0;
            products.multiply(
                    u,
                    width,
                    room,
                    0,
                    tilesX * tilesY,
                    ahead,
                    (_, _) -> outputs(b, scratch, u, width, source, row, to, tilesX, tilesY));
        }
    }

    /** Transforms the products of a panel back, and adds the products of the pixels between. */
    private void outputs(
            Block b,
            long scratch,
            long weights,
            int width,
            long source,
            long row,
            long target,
            int tilesX,
            int tilesY) {
        PlaneGemm products = b.products;
        long m = scratch + b.m + products.m(), pixel = 4L * k;
        for (int y = 0; y < tilesY; y++, target += b.ycRow, m += 4L * tilesX * width) {
            for (long lane = 0; lane < 4L * width; lane += VECTOR)
                WinogradTransform.out4of2(
                        m + lane, 4L * width, products.mPlane(), target + lane, TILE * 4L * n, 4L * n, tilesX);
            // Sums beyond the row mean nothing; those of the next row are overwritten when that row is computed.
            StridedGemm.multiply(
                    source + y * row + pixel,
                    2 * pixel,
                    4,
                    TILE * tilesX,
                    weights + 2 * pixel * width,
                    k,
                    width / LANES,
                    target,
                    4L * n,
                    scratch + b.tile);
        }
    }

    /** Where a block's pieces lie in a worker's scratch. */
    private final class Block {
        /** Rows and planes lie an odd number of cache lines apart, so that they do not share cache sets. */
        private static final long ODD_ROW = 3 * 64, ODD_PLANE = 7 * 64;

        final PlaneGemm products;
        final long xtRow, xcRow, xcPlane, ycRow, ycPlane, rowBytes;
        final long xt, xc, yc, rows, m, tile, bytes;

        Block(TileBlock tiles) {
            // A register tile reads and writes this many pixels beyond a row.
            int beyond = StridedGemm.ROWS;
            products = PlaneGemm.ofAll(TAPS - 1, tiles.tiles(), k);
            xtRow = 4L * (2 * TILE * tiles.across() + 1) * k + ODD_ROW;
            xcRow = xtRow;
            xcPlane = xcRow * tiles.down() + ODD_PLANE;
            rowBytes = 4L * TILE * tiles.across() * n;
            ycRow = rowBytes; // what is added beyond a row falls into the same channels of the next
            ycPlane = ycRow * tiles.down() + 4L * beyond * n + ODD_PLANE;
            xt = xtRow;
            xc = xt + xtRow * (2 * TILE * tiles.down() + 1);
            yc = xc + FREQUENCIES * xcPlane + 8L * beyond * k;
            rows = yc + PLANES * ycPlane;
            m = rows + TILE * rowBytes;
            tile = m + products.v(products.planes());
            bytes = tile + StridedGemm.TILE + 4096;
        }
    }
}
