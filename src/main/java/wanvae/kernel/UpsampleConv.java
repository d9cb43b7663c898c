package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Nearest 2x enlargement and the 3x3 convolution behind it, in one: of each output pixel's nine taps several see the same input pixel, so the four
 * output pixels that an input pixel makes are four 2x2 convolutions of the input itself. Each by Winograd's F(4x4,2x2): 25 multiplications for 16
 * outputs, 1.44 times fewer than F(4x4,3x3) on the enlarged picture.
 *
 * <p>F(4,2) is F(4,3) without its point at infinity. In time it is causal or frame by frame, as {@link WinogradConv}. A block of tiles (4x4 input pixels,
 * 8x8 output pixels) is transformed along time with its border, then for each of the four: spatial transform into V, 25 matrix products into M
 * ({@link PlaneGemm}), inverse transform into every other pixel of a strip; after two of them every other row of the block is complete.
 */
public final class UpsampleConv implements Convolution {
    private static final int POINTS = 5, PLANES = POINTS * POINTS;
    private static final int TILE = 4;

    private final int in, out, k, n;
    private final boolean temporal;
    private final WinogradWeights weights;
    private final TemporalWinograd time;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena    owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link #transformedBytes}) go there too
     * @param weight   {@code [out][in][kt][3][3]} floats in C order, native memory
     * @param temporal kt = 3: causal in time; else kt = 1
     * @param border   what lies beyond the edges of a frame
     */
    public UpsampleConv(Arena arena, MemorySegment weight, int out, int in, boolean temporal, Border border) {
        this.in = in;
        this.out = out;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.temporal = temporal;
        this.weights = new WinogradWeights(arena, weight, out, in, temporal ? 3 : 1, 3, true, border);
        this.time = new TemporalWinograd(temporal ? 2 : 0, border, weights.still());
    }

    @Override
    public long transformedBytes() {
        return weights.bytes();
    }

    @Override
    public boolean alwaysKept() {
        return weights.alwaysKept();
    }

    @Override
    public long operations() {
        return 2L * in * out * (temporal ? 27 : 9);
    }

    /** Whole tiles: a pixel's last bits depend on what all of its tile sees. */
    @Override
    public Window computes(Window wanted) {
        return wanted.tiled(2 * TILE);
    }

    @Override
    public Window reads(Window computed) {
        return computed.halved().grown(1, 1);
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Block(TileBlock.largest(Window.whole(height, width), 2 * TILE, wanted()), temporal ? TemporalWinograd.POINTS : 1).bytes;
    }

    /**
     * Enlarges and convolves.
     *
     * @param in       temporal: two past frames (null: zeros) and T new ones; else T frames. {@code [H][W][in]}
     * @param epilogue where T frames of {@code [2H][2W][out]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int frames = in.count() - time.past();
        if (in.channels() != this.in || result.channels() != out || norm != null && norm.channels() != this.in || frames < 1 || result.count() != frames)
            throw new IllegalArgumentException("an enlarging convolution " + this.in + " to " + out + " cannot take " + in.count() + " frames of " + in.height()
                    + "x" + in.width() + "x" + in.channels() + " to " + result.count() + " of " + result.height() + "x" + result.width() + "x" + result.channels());
        requireWindows(in, epilogue);
        long address = weights.address(team, workspace, time.allStill(in));
        for (int t = 0; t < frames; ) {
            int m = time.next(in, t), count = time.count(in, t, m);
            group(team, workspace, address, in, norm, epilogue, t, m, count);
            t += count;
        }
    }

    /** Output frames t … t+count-1 by F(m,3) in time. */
    private void group(Team team, Workspace workspace, long weights, Frames in, GroupNorm norm, Epilogue epilogue, int t, int m, int count) {
        Window window = epilogue.window();
        Block block = new Block(TileBlock.of(window, 2 * TILE, wanted(), team.size()), time.frequencies(m).length);
        int columns = Math.ceilDiv(window.width(), block.pixelsX), rows = Math.ceilDiv(window.height(), block.pixelsY);
        team.run(rows * columns, (task, worker) -> {
            int y0 = window.y() + task / columns * block.pixelsY, x0 = window.x() + task % columns * block.pixelsX;
            block(block, workspace.address(worker, block.bytes), weights, in, norm, epilogue, t, m, count, y0, x0);
        });
    }

    private void block(Block b, long scratch, long weights, Frames in, GroupNorm norm, Epilogue epilogue, int t, int m, int count, int y0, int x0) {
        Window window = epilogue.window();
        int height = Math.min(b.pixelsY, window.bottom() - y0), width = Math.min(b.pixelsX, window.right() - x0);
        int tilesX = Math.ceilDiv(width, 2 * TILE), tilesY = Math.ceilDiv(height, 2 * TILE), tiles = tilesX * tilesY;
        int[] frequencies = time.frequencies(m);
        time.gather(m, in, norm, t, y0 / 2 - 1, x0 / 2 - 1, tilesY * TILE + 2, tilesX * TILE + 2, scratch + b.past, scratch + b.xt, b.xtRow, b.xtPlane);
        for (int py = 0; py < 2; py++) {
            for (int i = 0; i < frequencies.length; i++)
                for (int px = 0; px < 2; px++) {
                    for (int tile = 0; tile < tiles; tile++)
                        spatialIn(b, scratch + b.xt + i * b.xtPlane + (tile / tilesX * TILE + py) * b.xtRow + (tile % tilesX * TILE + px) * 4L * k, tile, scratch);
                    b.products.multiply(weights + frequencies[i] * this.weights.timeBytes() + (2 * py + px) * PLANES * PlaneGemm.weightBytes(k, n),
                            scratch + b.m, tiles);
                    for (int tile = 0; tile < tiles; tile++)
                        spatialOut(b, scratch, tile, scratch + b.yt + i * b.ytPlane + tile / tilesX * TILE * b.ytRow + (tile % tilesX * 2 * TILE + px) * 4L * n);
                }
            for (int y = py; y < height; y += 2) {
                long row = TemporalWinograd.out(m, scratch + b.yt + y / 2 * b.ytRow, b.ytPlane, scratch + b.row, b.rowBytes, 4L * width * n);
                for (int f = 0; f < count; f++) epilogue.row(row + f * b.rowBytes, t + f, y0 + y, x0, width);
            }
        }
    }

    private void spatialIn(Block b, long source, int tile, long scratch) {
        long v = scratch + b.m + b.products.plane() + b.products.v(tile), pixel = 4L * k, temp = scratch, vector = 4L * LANES, plane = b.products.plane();
        for (int c = 0; c < k; c += Gemm.BLOCK, v += b.products.vStep()) {
            for (int lane = 0; lane < Gemm.BLOCK; lane += LANES) {
                WinogradTransform.in4of2(source + 4L * (c + lane), b.xtRow, pixel, temp, POINTS * vector, vector, POINTS);
                WinogradTransform.in4of2(temp, vector, POINTS * vector, v + 4L * lane, plane, POINTS * plane, POINTS);
            }
        }
    }

    private void spatialOut(Block b, long scratch, int tile, long target) {
        long pixel = 4L * n, vector = 4L * LANES, temp = scratch, plane = b.products.plane();
        for (int panel = 0; panel * Gemm.WIDTH < n; panel++) {
            long source = scratch + b.m + b.products.m(panel, tile);
            for (int lane = 0; lane < b.products.panelWidth(panel); lane += LANES) {
                WinogradTransform.out4of2(source + 4L * lane, plane, POINTS * plane, temp, vector, POINTS * vector, POINTS);
                WinogradTransform.out4of2(temp, POINTS * vector, vector, target + 4L * (panel * Gemm.WIDTH + lane), b.ytRow, 2 * pixel, TILE);
            }
        }
    }

    /** Tiles of a block, as in {@link WinogradConv}, but of 25 planes at a time: 48 are as good where channels are many (4.3 x peak; 4.1 with 24). */
    private int wanted() {
        return Math.max(k, n) <= 256 ? 24 : 48;
    }

    /** Size of a block of tiles and where its pieces lie in a worker's scratch. */
    private final class Block {
        final int pixelsX, pixelsY;
        final PlaneGemm products;
        final long xtRow, xtPlane, ytRow, ytPlane, rowBytes;
        final long past, xt, m, yt, row, bytes;

        Block(TileBlock tiles, int planes) {
            pixelsX = tiles.across() * 2 * TILE;
            pixelsY = tiles.down() * 2 * TILE;
            products = new PlaneGemm(PLANES, tiles.tiles(), k, n);
            xtRow = 4L * (tiles.across() * TILE + 2) * k + 3 * 64;
            xtPlane = xtRow * (tiles.down() * TILE + 2) + 7 * 64;
            ytRow = 4L * pixelsX * n + 3 * 64;
            ytPlane = ytRow * tiles.down() * TILE + 7 * 64;
            rowBytes = 4L * pixelsX * n;
            past = PLANES * 64L;
            xt = past + TemporalWinograd.POINTS * xtRow;
            m = xt + planes * xtPlane;
            yt = m + products.bytes();
            row = yt + planes * ytPlane;
            bytes = row + 4 * rowBytes;
        }
    }
}
