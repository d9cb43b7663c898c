package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Causal 3x3x3 and per-frame 3x3 convolution by Winograd's algorithm: F(4x4,3x3) in space, F(4,3), F(2,3) or F(1,3) in time, fed by the
 * causal cache (the past frames of {@code in}). Eight times fewer multiplications than direct convolution for chunks of four frames.
 *
 * <p>A block of tiles goes all the way while it is in cache: temporal transform of its rows into {@code XT[ft][row][px][C]} (the border
 * is put around here), then for each temporal frequency the spatial transform into V, 36 matrix products with {@code U[ft]} into M
 * ({@link PlaneGemm}), the inverse spatial transform into {@code YT[ft][row][px][N]};
 * at last the inverse temporal transform, row by row into the epilogue. Tiles lie on absolute coordinates and every element is computed in one
 * fixed order, so results do not depend on blocks or threads.
 */
public final class WinogradConv implements Convolution {
    private static final int POINTS = 6;
    private static final int TILE = 4;
    private static final int SPATIAL = POINTS * POINTS;

    private final int in, out, k, n;
    private final boolean temporal;
    private final WinogradWeights weights;
    private final TemporalWinograd time;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena    owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link #transformedBytes}) go there too
     * @param weight   {@code [out][in][kt][3][3]} floats in C order, native memory
     * @param temporal kt = 3; else kt = 1
     * @param border   what lies beyond the edges of a frame; what lies before the first one is up to the past frames that {@link #run} is given
     */
    public WinogradConv(Arena arena, MemorySegment weight, int out, int in, boolean temporal, Border border) {
        this.in = in;
        this.out = out;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.temporal = temporal;
        this.weights = new WinogradWeights(arena, weight, out, in, temporal ? 3 : 1, 3, false, border);
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
        return wanted.tiled(TILE);
    }

    @Override
    public Window reads(Window computed) {
        return computed.grown(1, 1);
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Block(TileBlock.largest(Window.whole(height, width), TILE, wanted()), temporal ? TemporalWinograd.POINTS : 1).bytes;
    }

    /**
     * Convolves.
     *
     * @param in       temporal: two past frames (null: zeros) and T new ones; else T frames.  {@code [H][W][in]}.
     *                 The same frame may stand there several times
     * @param epilogue where T frames of {@code [H][W][out]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue) {
        Frames result = epilogue.out();
        int past = temporal ? 2 : 0, frames = in.count() - past;
        if (in.channels() != this.in || result.channels() != out || norm != null && norm.channels() != this.in || frames < 1 || result.count() != frames)
            throw new IllegalArgumentException("convolution " + this.in + " to " + out + " cannot take " + in.count() + " frames of " + in.height() + "x"
                    + in.width() + "x" + in.channels() + " to " + result.count() + " of " + result.height() + "x" + result.width() + "x" + result.channels());
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
        Block block = new Block(TileBlock.of(window, TILE, wanted(), team.size()), time.frequencies(m).length);
        int columns = (window.width() + block.pixelsX - 1) / block.pixelsX, rows = (window.height() + block.pixelsY - 1) / block.pixelsY;
        team.run(rows * columns, (task, worker) -> {
            int y0 = window.y() + task / columns * block.pixelsY, x0 = window.x() + task % columns * block.pixelsX;
            block(block, workspace.address(worker, block.bytes), weights, in, norm, epilogue, t, m, count, y0, x0);
        });
    }

    private void block(Block b, long scratch, long weights, Frames in, GroupNorm norm, Epilogue epilogue, int t, int m, int count, int y0, int x0) {
        Window window = epilogue.window();
        int height = Math.min(b.pixelsY, window.bottom() - y0), width = Math.min(b.pixelsX, window.right() - x0);
        int tilesX = (width + TILE - 1) / TILE, tiles = tilesX * ((height + TILE - 1) / TILE);
        int[] frequencies = time.frequencies(m);
        time.gather(m, in, norm, t, y0 - 1, x0 - 1, tiles / tilesX * TILE + 2, tilesX * TILE + 2, scratch + b.past, scratch + b.xt, b.xtRow, b.xtPlane);
        for (int i = 0; i < frequencies.length; i++) {
            for (int tile = 0; tile < tiles; tile++)
                spatialIn(b, scratch + b.xt + i * b.xtPlane + (long) (tile / tilesX) * TILE * b.xtRow + (long) (tile % tilesX) * TILE * 4 * k, tile, scratch);
            b.products.multiply(weights + frequencies[i] * this.weights.timeBytes(), scratch + b.m, tiles);
            for (int tile = 0; tile < tiles; tile++)
                spatialOut(b, scratch, tile, scratch + b.yt + i * b.ytPlane + (long) (tile / tilesX) * TILE * b.ytRow + (long) (tile % tilesX) * TILE * 4 * n);
        }
        for (int y = 0; y < height; y++) {
            long row = TemporalWinograd.out(m, scratch + b.yt + y * b.ytRow, b.ytPlane, scratch + b.row, b.rowBytes, 4L * width * n);
            for (int f = 0; f < count; f++) epilogue.row(row + f * b.rowBytes, t + f, y0 + y, x0, width);
        }
    }

    private void spatialIn(Block b, long source, int tile, long scratch) {
        long v = scratch + b.m + b.products.plane() + b.products.v(tile), pixel = 4L * k, temp = scratch, vector = 4L * LANES, plane = b.products.plane();
        for (int c = 0; c < k; c += Gemm.BLOCK, v += b.products.vStep()) {
            for (int lane = 0; lane < Gemm.BLOCK; lane += LANES) {
                WinogradTransform.in4(source + 4L * (c + lane), b.xtRow, pixel, temp, POINTS * vector, vector, POINTS);
                WinogradTransform.in4(temp, vector, POINTS * vector, v + 4L * lane, plane, POINTS * plane, POINTS);
            }
        }
    }

    private void spatialOut(Block b, long scratch, int tile, long target) {
        long pixel = 4L * n, vector = 4L * LANES, temp = scratch, plane = b.products.plane();
        for (int panel = 0; panel * Gemm.WIDTH < n; panel++) {
            long source = scratch + b.m + b.products.m(panel, tile);
            for (int lane = 0; lane < b.products.panelWidth(panel); lane += LANES) {
                WinogradTransform.out4(source + 4L * lane, plane, POINTS * plane, temp, vector, POINTS * vector, POINTS);
                WinogradTransform.out4(temp, POINTS * vector, vector, target + 4L * (panel * Gemm.WIDTH + lane), b.ytRow, pixel, TILE);
            }
        }
    }

    /**
     * Tiles of a block: V and M of 24 stay in the second-level cache where channels are few. Where they are many, the weights stream from further away
     * and must serve more tiles; without time there are six times fewer weights (measured: 4.8, 5.1, 5.7 x peak for 96, 192 and 384 channels, against
     * 4.2, 4.4 and 5.6 with the other choice).
     */
    private int wanted() {
        return !temporal || Math.max(k, n) <= 128 ? 24 : 144;
    }

    /** Size of a block of tiles and where its pieces lie in a worker's scratch. */
    private final class Block {
        final int pixelsX, pixelsY;
        final PlaneGemm products;
        final long xtRow, xtPlane, ytRow, ytPlane, rowBytes;
        final long past, xt, m, yt, row, bytes;

        Block(TileBlock tiles, int planes) {
            pixelsX = tiles.across() * TILE;
            pixelsY = tiles.down() * TILE;
            products = new PlaneGemm(SPATIAL, tiles.tiles(), k, n);
            xtRow = 4L * (pixelsX + 2) * k + 3 * 64;
            xtPlane = xtRow * (pixelsY + 2) + 7 * 64;
            ytRow = 4L * pixelsX * n + 3 * 64;
            ytPlane = ytRow * pixelsY + 7 * 64;
            rowBytes = 4L * pixelsX * n;
            past = SPATIAL * 64L;
            xt = past + TemporalWinograd.POINTS * xtRow;
            m = xt + planes * xtPlane;
            yt = m + products.bytes();
            row = yt + planes * ytPlane;
            bytes = row + TILE * rowBytes + 4096;
        }
    }
}
