package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.Team;

/**
 * Causal 3x3x3, 2x3x3 and per-frame 3x3 convolution by Winograd's algorithm: F(4x4,3x3) or F(6x4,3x3) in space ({@link
 * SpatialWinograd}), F(4,3), F(2,3) or F(1,3) in time ({@link TemporalWinograd}), with the past frames of the feature
 * cache in {@code in}. It takes eight or nine times fewer multiplications than direct convolution for chunks of four
 * frames.
 *
 * <p>It may first enlarge its input by 2 (nearest), in the same pass. Several of an output pixel's nine taps then see
 * the same input pixel, so the four output pixels that an input pixel makes are four 2x2 convolutions (phases) of the
 * input itself, each by F(4x4,2x2), which is F(4x4,3x3) without the point at infinity: 25 multiplications for 16
 * outputs, 1.44 times fewer than on the enlarged picture.
 *
 * <p>A worker takes a block of tiles through all steps while it is in cache. Its rows, with the border around them, are
 * transformed along time into {@code XT[ft][row][px][K]}. For each frequency ft the columns are transformed into {@code
 * XC[fy][row of tiles][px][K]}; for each frequency fy of these the rows are transformed into V, multiplied by {@code
 * U[ft][fy]} ({@link PlaneGemm}) and transformed back into their place; then the columns are transformed back into
 * {@code YT[ft][row][px][N]}. Finally YT is transformed back along time, row by row into the epilogue. Where the
 * picture is enlarged, even output rows are computed before odd ones.
 *
 * <p>Tiles lie on absolute coordinates and every element is computed in one fixed order, so results do not depend on
 * blocks or threads.
 */
public final class WinogradConv implements Convolution {
    private static final int TILE = SpatialWinograd.TILE;

    private final int in, out, k, n, kt, scale, down;
    private final WinogradWeights weights;
    private final TemporalWinograd time;
    private final SpatialWinograd space;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena    owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link
     *                 #transformedBytes}) go there too
     * @param weight   {@code [out][in][kt][3][3]} floats in C order, native memory; where kt is 2 {@code
     *                 [out][2·in][3][3]}: a frame's own channels, then those of the frame before it, as a per-frame
     *                 convolution of both side by side has them
     * @param kt       taps in time, causal: 3, 2 or 1
     * @param enlarges whether the input is enlarged by 2 (nearest) before it is convolved
     * @param border   what lies beyond the edges of a frame; what lies before the first frame is given to {@link #run}
     *                 as past frames
     */
    public WinogradConv(Arena arena, MemorySegment weight, int out, int in, int kt, boolean enlarges, Border border) {
        this(arena, weight, out, in, kt, border, SpatialWinograd.of(in, out, kt, enlarges));
    }

    private WinogradConv(
            Arena arena, MemorySegment weight, int out, int in, int kt, Border border, SpatialWinograd space) {
        this(
                out,
                in,
                kt,
                border,
                space,
                new WinogradWeights(arena, weight, out, in, kt, 3, form(space), space.down(), border));
    }

    private WinogradConv(int out, int in, int kt, Border border, SpatialWinograd space, WinogradWeights weights) {
        if (kt < 1 || kt > 3 || kt == 2 && border != Border.ZEROS)
            throw new IllegalArgumentException("no convolution of " + kt + " frames with " + border + " around them");
        this.in = in;
        this.out = out;
        this.k = space.k();
        this.n = space.n();
        this.kt = kt;
        this.scale = space.scale();
        this.space = space;
        this.down = space.down();
        this.weights = weights;
        this.time = new TemporalWinograd(kt - 1, border, weights.still());
    }

    /** A convolution without weights: it tells what a run takes, but cannot run. */
    public static WinogradConv dry(int out, int in, int kt, boolean enlarges, Border border) {
        return dry(out, in, kt, border, SpatialWinograd.of(in, out, kt, enlarges));
    }

    private static WinogradConv dry(int out, int in, int kt, Border border, SpatialWinograd space) {
        return new WinogradConv(
                out, in, kt, border, space, WinogradWeights.dry(out, in, kt, 3, form(space), space.down(), border));
    }

    /** A convolution per frame with the tiles of one with three taps in time ({@link TimeTaps}). */
    static WinogradConv parts(Arena arena, MemorySegment weight, int out, int in) {
        return new WinogradConv(arena, weight, out, in, 1, Border.ZEROS, SpatialWinograd.of(in, out, 3, false));
    }

    /** As {@link #parts}, {@linkplain #dry without weights}. */
    static WinogradConv dryParts(int out, int in) {
        return dry(out, in, 1, Border.ZEROS, SpatialWinograd.of(in, out, 3, false));
    }

    /** @param temporal whether there are three taps in time, or one */
    public WinogradConv(
            Arena arena, MemorySegment weight, int out, int in, boolean temporal, boolean enlarges, Border border) {
        this(arena, weight, out, in, temporal ? 3 : 1, enlarges, border);
    }

    private static WinogradWeights.Form form(SpatialWinograd space) {
        return space.scale() == 2 ? WinogradWeights.Form.FOLDED : WinogradWeights.Form.WHOLE;
    }

    /** Without enlargement. */
    public WinogradConv(Arena arena, MemorySegment weight, int out, int in, boolean temporal, Border border) {
        this(arena, weight, out, in, temporal, false, border);
    }

    /**
     * Whether layers of this number of channels and three taps in time, where they do not enlarge, compute tiles of six
     * rows instead of four.
     */
    public static boolean isTall(int channels) {
        return SpatialWinograd.isTall(channels);
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
        return 2L * in * out * 9 * kt;
    }

    /** Whole tiles, because a pixel's last bits depend on all pixels that its tile reads. */
    @Override
    public Window computes(Window wanted) {
        return wanted.tiled(scale * down, scale * TILE);
    }

    @Override
    public Window reads(Window computed) {
        return (scale == 1 ? computed : computed.halved()).grown(1, 1);
    }

    @Override
    public long scratchBytes(int height, int width) {
        long block = TileBlock.largest(Window.whole(height, width), scale * down, scale * TILE, k)
                .mapToLong(tiles -> new Block(tiles, kt > 1 ? TemporalWinograd.POINTS : 1).bytes)
                .max()
                .getAsLong();
        return Math.max(block, weights.scratchBytes());
    }

    /**
     * Convolves.
     *
     * @param in       kt - 1 past frames (null: zeros) and T new ones of {@code [H][W][in]}; the same frame may occur
     *                 several times
     * @param epilogue where T frames of {@code [H][W][out]} (enlarged: {@code [2H][2W][out]}) go; must not overlap
     *                 {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int frames = in.count() - time.past();
        if (in.channels() != this.in
                || result.channels() != out
                || norm != null && norm.channels() != this.in
                || frames < 1
                || result.count() != frames)
            throw new IllegalArgumentException("a convolution " + this.in + " to " + out + " cannot take " + in.count()
                    + " frames of " + in.height() + "x" + in.width() + "x" + in.channels() + " to " + result.count()
                    + " of " + result.height() + "x" + result.width() + "x" + result.channels());
        requireWindows(in, epilogue);
        long address = weights.address(team, workspace, time.allStill(in));
        for (int t = 0; t < frames; ) {
            int m = time.next(in, t), count = time.count(in, t, m);
            group(team, workspace, address, in, norm, epilogue, t, m, count);
            t += count;
        }
    }

    /** Computes output frames t … t+count-1 by F(m,3) in time. */
    private void group(
            Team team,
            Workspace workspace,
            long weights,
            Frames in,
            GroupNorm norm,
            Epilogue epilogue,
            int t,
            int m,
            int count) {
        Window window = epilogue.window();
        int piece = epilogue.moments() == null ? 1 : GroupMoments.PIECE / (scale * TILE);
        TileBlock tiles = TileBlock.of(window, scale * down, scale * TILE, k, piece, team.size());
        Block block = new Block(tiles, time.frequencies(m).length);
        team.run(tiles.count(window, scale * down, scale * TILE), (task, worker) -> {
            Window pixels = tiles.pixels(window, scale * down, scale * TILE, task);
            block(block, workspace.address(worker, block.bytes), weights, in, norm, epilogue, t, m, count, pixels);
        });
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
            Window pixels) {
        int y0 = pixels.y(), x0 = pixels.x(), height = pixels.height(), width = pixels.width();
        int tilesX = Math.ceilDiv(width, scale * TILE), tilesY = Math.ceilDiv(height, scale * down);
        int[] frequencies = time.frequencies(m);
        PixelRows[] rows = time.rows(
                m,
                in,
                norm,
                t,
                y0 / scale - 1,
                x0 / scale - 1,
                tilesY * down + 2,
                tilesX * TILE + 2,
                scratch,
                scratch + b.xt,
                b.xtRow,
                b.xtPlane);
        for (int phase = 0; phase < scale; phase++) {
            for (int i = 0; i < frequencies.length; i++) {
                long u = weights + frequencies[i] * this.weights.timeBytes() + scale * phase * space.phaseBytes();
                products(b, scratch, u, rows[i], phase, scratch + b.yt + i * b.ytPlane, tilesX, tilesY);
            }
            for (int y = phase; y < height; y += scale) {
                long row = time.out(
                        m,
                        scratch + b.yt + y / scale * b.ytRow,
                        b.ytPlane,
                        scratch + b.row,
                        b.rowBytes,
                        4L * width * n);
                for (int f = 0; f < count; f++) epilogue.row(row + f * b.rowBytes, t + f, y0 + y, x0, width);
            }
        }
    }

    /** Takes one frequency of XT, from row {@code first} on, to the same one of YT. */
    private void products(Block b, long scratch, long u, PixelRows xt, int first, long yt, int tilesX, int tilesY) {
        long room = scratch + b.m, xc = scratch + b.xc;
        int tiles = tilesX * tilesY;
        space.inColumns(xt, first, xc, b.xcRow, b.xcPlane, tilesY);
        for (int f = 0; f < space.frequencies(); f++, xc += b.xcPlane) {
            for (int i = 0; i < tiles; i++)
                space.inRow(xc + i / tilesX * b.xcRow + i % tilesX * TILE * 4L * k, b.products, room, i);
            // The result replaces the input, all of which V holds by now.
            space.outRows(f, u, b.products, room, tilesX, tilesY, xc, b.xcRow);
        }
        space.outColumns(scratch + b.xc, b.xcRow, b.xcPlane, yt, b.ytRow, tilesY, tilesX * scale * TILE);
    }

    /** Size of a block of tiles and where its pieces lie in a worker's scratch. */
    private final class Block {
        /** Rows and planes lie an odd number of cache lines apart, so that they do not share cache sets. */
        private static final long ODD_ROW = 3 * 64, ODD_PLANE = 7 * 64;

        final int pixelsX;
        final PlaneGemm products;
        final long xtRow, xtPlane, xcRow, xcPlane, ytRow, ytPlane, rowBytes;
        final long xt, xc, m, yt, row, bytes;

        Block(TileBlock tiles, int frequencies) {
            // A frequency of YT takes the place of the same one of XT, unless the odd output rows still need that.
            boolean inPlace = scale == 1;
            pixelsX = tiles.across() * scale * TILE;
            products = space.products(tiles.tiles());
            xtRow = 4L * (tiles.across() * TILE + 2) * k + ODD_ROW;
            xcRow = 4L * Math.max((tiles.across() * TILE + 2) * k, pixelsX * n) + ODD_ROW;
            xcPlane = xcRow * tiles.down() + ODD_PLANE;
            ytRow = 4L * pixelsX * n + ODD_ROW;
            long xtBytes = xtRow * (tiles.down() * down + 2), ytBytes = ytRow * tiles.down() * down;
            xtPlane = (inPlace ? Math.max(xtBytes, ytBytes) : xtBytes) + ODD_PLANE;
            ytPlane = inPlace ? xtPlane : ytBytes + ODD_PLANE;
            rowBytes = 4L * pixelsX * n;
            xt = TemporalWinograd.POINTS * xtRow;
            xc = xt + frequencies * xtPlane;
            m = xc + space.frequencies() * xcPlane;
            long behind = m + space.productBytes(tiles.tiles());
            yt = inPlace ? xt : behind;
            row = inPlace ? behind : yt + frequencies * ytPlane;
            bytes = row + TILE * rowBytes + 4096;
        }
    }
}
