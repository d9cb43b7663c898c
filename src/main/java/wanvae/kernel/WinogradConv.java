package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Causal 3x3x3 and per-frame 3x3 convolution by Winograd's algorithm: F(4x4,3x3) in space, F(4,3), F(2,3) or F(1,3) in time, fed by the
 * causal cache (the past frames of {@code in}). Eight times fewer multiplications than direct convolution for chunks of four frames.
 *
 * <p>A block of tiles goes all the way while it is in cache: temporal transform of its rows into {@code XT[ft][row][px][C]} (the border
 * is put around here), then for each temporal frequency the spatial transform into {@code V[36][T/ROWS][C/16][ROWS][16]}, 36 matrix products with
 * {@code U[ft][36][N/WIDTH][C][WIDTH]} into {@code M[36][N/WIDTH][T][WIDTH]}, the inverse spatial transform into {@code YT[ft][row][px][N]};
 * at last the inverse temporal transform, row by row into the epilogue. Tiles lie on absolute coordinates and every element is computed in one
 * fixed order, so results do not depend on blocks or threads.
 */
public final class WinogradConv implements Convolution {
    private static final int POINTS = 6;
    private static final int TILE = 4;
    private static final int SPATIAL = POINTS * POINTS;
    /** Odd numbers of cache lines keep the 36 frequency planes off the same cache sets. */
    private static final long ODD = 5 * 64;

    /** The temporal frequencies an F(m,3) uses, of the six. */
    private static final int[][] FREQUENCIES = {{5}, {0, 1, 5}, {0, 1, 2, 5}, null, {0, 1, 2, 3, 4, 5}};

    /** Transformed weights up to this size are always kept; larger ones where the workspace says so, else they are made for each run. */
    private static final long KEPT = 40L << 20;
    /** Input channels whose weights are transformed in one task. */
    private static final int SLICE = 64;

    private final int in, out, k, n;
    private final boolean temporal, upsample;
    private final Border border;
    private final Arena arena;
    private final MemorySegment weight;
    private volatile MemorySegment kept;

    /**
     * Takes the weights as they are; they are transformed when they are first needed.
     *
     * @param arena    owner of {@code weight}, lives as long as this layer; transformed weights that are kept ({@link #transformedBytes}) go there too
     * @param weight   {@code [out][in][kt][3][3]} floats in C order, native memory
     * @param temporal kt = 3; else kt = 1
     * @param upsample the convolution's input is the nearest 2x enlargement of the frames it is given (temporal must be false)
     * @param border   what lies beyond the edges of a frame; what lies before the first one is up to the past frames that {@link #run} is given
     */
    public WinogradConv(Arena arena, MemorySegment weight, int out, int in, boolean temporal, boolean upsample, Border border) {
        if (weight.byteSize() != 4L * out * in * (temporal ? 27 : 9) || !weight.isNative())
            throw new IllegalArgumentException("a convolution " + in + " to " + out + " cannot have weights of " + weight.byteSize() + " bytes");
        if (temporal && upsample) throw new IllegalArgumentException("upsampling goes with 3x3 convolutions only");
        this.in = in;
        this.out = out;
        this.k = Simd.padded(in);
        this.n = Simd.padded(out);
        this.temporal = temporal;
        this.upsample = upsample;
        this.border = border;
        this.arena = arena;
        this.weight = weight;
    }

    @Override
    public long transformedBytes() {
        return (temporal ? POINTS : 1) * planeBytes() * SPATIAL;
    }

    @Override
    public boolean alwaysKept() {
        return transformedBytes() <= KEPT;
    }

    /** Bytes of the weights of one frequency of the 6 x 36. */
    private long planeBytes() {
        return 4L * n * k;
    }

    private int panelWidth(int panel) {
        return Math.min(Gemm.WIDTH, n - panel * Gemm.WIDTH);
    }

    /** Transformed weights for F(m,3): the address where temporal frequency 0 lies or would lie. */
    private long transformed(Team team, Workspace workspace, int m) {
        MemorySegment all = kept;
        boolean newest = temporal && m == 0, keep = !newest && (alwaysKept() || workspace.keepsWeights());
        if (all == null && keep) all = keep(team);
        if (all != null) return all.address();
        long shared = workspace.weights(transformedBytes());
        transform(team, shared, newest);
        return newest ? shared - (POINTS - 1) * SPATIAL * planeBytes() : shared;
    }

    private synchronized MemorySegment keep(Team team) {
        if (kept == null) {
            MemorySegment all = arena.allocate(transformedBytes(), 4096);
            transform(team, all.address(), false);
            kept = all;
        }
        return kept;
    }

    private void transform(Team team, long target, boolean newest) {
        int panels = (n + Gemm.WIDTH - 1) / Gemm.WIDTH, slices = (k + SLICE - 1) / SLICE;
        team.run(panels * slices, (task, worker) -> transform(target, task / slices, task % slices * SLICE, newest));
    }

    /** The weights of a panel's output channels and a slice of input channels; the newest tap alone, or all of them. */
    private void transform(long target, int panel, int from, boolean newest) {
        int width = panelWidth(panel), taps = temporal ? 27 : 9, first = newest ? 18 : 0, kt = temporal && !newest ? 3 : 1;
        long vector = 4L * width;
        try (Arena temporary = Arena.ofConfined()) {
            long g = temporary.allocate(kt * 9 * vector, 64).address(), gx = temporary.allocate(kt * 3 * POINTS * vector, 64).address();
            long gxy = temporary.allocate(kt * SPATIAL * vector, 64).address();
            for (int i = from; i < Math.min(k, from + SLICE); i++) {
                for (int o = 0; o < width; o++) {
                    boolean real = i < in && panel * Gemm.WIDTH + o < out;
                    long source = weight.address() + 4L * ((((long) panel * Gemm.WIDTH + o) * in + i) * taps + first);
                    for (int t = 0; t < kt * 9; t++) Simd.set(g + t * vector + 4L * o, real ? Simd.get(source + 4L * t) : 0);
                }
                for (long v = 0; v < vector; v += 4L * LANES) {
                    WinogradTransform.weights(g + v, 3 * vector, vector, gx + v, POINTS * vector, vector, kt * 3);
                    for (int t = 0; t < kt; t++)
                        WinogradTransform.weights(gx + v + t * 18 * vector, vector, 6 * vector, gxy + v + t * 36 * vector, vector, 6 * vector, POINTS);
                    long to = target + 4L * panel * Gemm.WIDTH * k + i * vector + v;
                    if (kt == 3) WinogradTransform.weights(gxy + v, vector, 36 * vector, to, planeBytes(), SPATIAL * planeBytes(), SPATIAL);
                    else for (int f = 0; f < SPATIAL; f++) Simd.store(Simd.load(gxy + v + f * vector), to + f * planeBytes());
                }
            }
        }
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
        Window seen = computed.grown(1, 1);
        return upsample ? seen.halved() : seen;
    }

    @Override
    public long scratchBytes(int height, int width) {
        return new Block(height, width, 1, POINTS).bytes;
    }

    /**
     * Convolves.
     *
     * @param in       temporal: two past frames (null: zeros) and T new ones; else T frames. {@code [H][W][in]}, half the output's size where upsampling
     * @param epilogue where T frames of {@code [H][W][out]} go; must not overlap {@code in}
     */
    @Override
    public void run(Team team, Workspace workspace, Frames in, Epilogue epilogue) {
        Frames result = epilogue.out();
        int past = temporal ? 2 : 0, frames = in.count() - past;
        if (in.channels() != this.in || result.channels() != out || frames < 1 || result.count() != frames)
            throw new IllegalArgumentException("convolution " + this.in + " to " + out + " cannot take " + in.count() + " frames of " + in.height() + "x"
                    + in.width() + "x" + in.channels() + " to " + result.count() + " of " + result.height() + "x" + result.width() + "x" + result.channels());
        requireWindows(in, epilogue);
        int t = 0;
        while (t < frames) {
            int left = frames - t, m = !temporal ? 0 : left >= 3 ? 4 : left;
            if (m == 1 && in.frames()[t] == null && in.frames()[t + 1] == null) m = 0;
            group(team, workspace, in, epilogue, t, m, Math.min(left, Math.max(m, 1)));
            t += Math.max(m, 1);
        }
    }

    /** Output frames t … t+count-1 by F(m,3) in time; m = 0 is the newest tap alone. */
    private void group(Team team, Workspace workspace, Frames in, Epilogue epilogue, int t, int m, int count) {
        Window window = epilogue.window();
        int[] frequencies = FREQUENCIES[m];
        long weights = transformed(team, workspace, m);
        Block block = new Block(window.height(), window.width(), team.size(), frequencies.length);
        int columns = (window.width() + block.pixelsX - 1) / block.pixelsX, rows = (window.height() + block.pixelsY - 1) / block.pixelsY;
        team.run(rows * columns, (task, worker) -> {
            int y0 = window.y() + task / columns * block.pixelsY, x0 = window.x() + task % columns * block.pixelsX;
            block(block, workspace.address(worker, block.bytes), weights, in, epilogue, t, m, count, y0, x0);
        });
    }

    private void block(Block b, long scratch, long weights, Frames in, Epilogue epilogue, int t, int m, int count, int y0, int x0) {
        Window window = epilogue.window();
        int height = Math.min(b.pixelsY, window.bottom() - y0), width = Math.min(b.pixelsX, window.right() - x0);
        int tilesX = (width + TILE - 1) / TILE, tiles = tilesX * ((height + TILE - 1) / TILE);
        int[] frequencies = FREQUENCIES[m];
        gather(b, scratch, in, t, m, y0, x0, tilesX * TILE + 2, (tiles / tilesX) * TILE + 2, window.pictureHeight(), window.pictureWidth());
        for (int i = 0; i < frequencies.length; i++) {
            int ft = temporal ? frequencies[i] : 0;
            for (int tile = 0; tile < tiles; tile++)
                spatialIn(b, scratch + b.xt + i * b.xtPlane + (long) (tile / tilesX) * TILE * b.xtRow + (long) (tile % tilesX) * TILE * 4 * k, tile, scratch);
            multiply(b, scratch, weights + ft * SPATIAL * planeBytes(), tiles);
            for (int tile = 0; tile < tiles; tile++)
                spatialOut(b, scratch, tile, scratch + b.yt + i * b.ytPlane + (long) (tile / tilesX) * TILE * b.ytRow + (long) (tile % tilesX) * TILE * 4 * n);
        }
        long rowBytes = 4L * width * n;
        for (int y = 0; y < height; y++) {
            long source = scratch + b.yt + y * b.ytRow, row = scratch + b.row;
            switch (m) {
                case 4 -> WinogradTransform.out4(source, 4L * LANES, b.ytPlane, row, 4L * LANES, b.rowBytes, (int) (rowBytes / (4 * LANES)));
                case 2 -> WinogradTransform.out2(source, b.ytPlane, row, b.rowBytes, rowBytes);
                case 1 -> WinogradTransform.out1(source, b.ytPlane, row, rowBytes);
                default -> row = source;
            }
            for (int f = 0; f < count; f++) epilogue.row(row + f * b.rowBytes, t + f, y0 + y, x0, width);
        }
    }

    /** The block's rows with a border of one pixel, transformed along time into XT; all positions are those of the output's picture. */
    private void gather(Block b, long scratch, Frames in, int t, int m, int y0, int x0, int columns, int rows, int height, int width) {
        int xa = Math.max(0, x0 - 1), xb = Math.min(width, x0 - 1 + columns), left = xa - (x0 - 1), right = columns - left - (xb - xa);
        long pixel = 4L * k, bytes = (xb - xa) * pixel, xt = scratch + b.xt, zeros = scratch + b.zeros;
        int planes = FREQUENCIES[m].length;
        zero(zeros, bytes);
        for (int r = 0; r < rows; r++) {
            int y = Math.clamp(y0 - 1 + r, 0, height - 1);
            long row = xt + r * b.xtRow, d = row + left * pixel;
            if (border == Border.ZEROS && y != y0 - 1 + r) {
                for (int p = 0; p < planes; p++) zero(row + p * b.xtPlane, columns * pixel);
                continue;
            }
            long offset = in.offset(y, xa);
            if (upsample) {
                long s = in.address(t) + in.offset(y >> 1, 0);
                for (int x = xa; x < xb; x++) copy(s + (x >> 1) * pixel, d + (x - xa) * pixel, pixel);
            } else switch (m) {
                case 4 -> WinogradTransform.in4(source(in, t, offset, zeros), source(in, t + 1, offset, zeros), source(in, t + 2, offset, zeros),
                        source(in, t + 3, offset, zeros), source(in, t + 4, offset, zeros), source(in, t + 5, offset, zeros), d, b.xtPlane, bytes);
                case 2 -> WinogradTransform.in2(source(in, t, offset, zeros), source(in, t + 1, offset, zeros), source(in, t + 2, offset, zeros),
                        source(in, t + 3, offset, zeros), d, b.xtPlane, bytes);
                case 1 -> WinogradTransform.in1(source(in, t, offset, zeros), source(in, t + 1, offset, zeros), source(in, t + 2, offset, zeros),
                        d, b.xtPlane, bytes);
                default -> copy(source(in, temporal ? t + 2 : t, offset, zeros), d, bytes);
            }
            for (int p = 0; p < planes; p++) sides(row + p * b.xtPlane, left, xb - xa, right, pixel);
        }
    }

    /** What lies left and right of a row's {@code inside} pixels. */
    private void sides(long row, int left, int inside, int right, long pixel) {
        long first = row + left * pixel, behind = first + inside * pixel;
        if (border == Border.ZEROS) {
            zero(row, left * pixel);
            zero(behind, right * pixel);
        } else {
            for (int i = 0; i < left; i++) copy(first, row + i * pixel, pixel);
            for (int i = 0; i < right; i++) copy(behind - pixel, behind + i * pixel, pixel);
        }
    }

    /** Frame t's row; zeros for a null frame and for frames beyond the last, which only feed outputs that are dropped. */
    private static long source(Frames in, int t, long offset, long zeros) {
        return t >= in.count() || in.address(t) == 0 ? zeros : in.address(t) + offset;
    }

    private void spatialIn(Block b, long source, int tile, long scratch) {
        long v = scratch + b.v + (tile / Gemm.ROWS) * b.vTiles + (tile % Gemm.ROWS) * 4L * Gemm.BLOCK, pixel = 4L * k, temp = scratch;
        long vector = 4L * LANES;
        for (int c = 0; c < k; c += Gemm.BLOCK) {
            for (int lane = 0; lane < Gemm.BLOCK; lane += LANES) {
                WinogradTransform.in4(source + 4L * (c + lane), b.xtRow, pixel, temp, POINTS * vector, vector, POINTS);
                WinogradTransform.in4(temp, vector, POINTS * vector, v + 4L * (c * Gemm.ROWS + lane), b.vPlane, POINTS * b.vPlane, POINTS);
            }
        }
    }

    private void multiply(Block b, long scratch, long weights, int tiles) {
        for (int f = 0; f < SPATIAL; f++) {
            for (int panel = 0; panel * Gemm.WIDTH < n; panel++) {
                int width = panelWidth(panel);
                long u = weights + f * planeBytes() + 4L * panel * Gemm.WIDTH * k, v = scratch + b.v + f * b.vPlane, target = scratch + b.m + f * b.mPlane + panel * b.mPanel;
                for (int tile = 0; tile < tiles; tile += Gemm.ROWS, v += b.vTiles) {
                    long c = target + 4L * tile * width;
                    if (width == Gemm.WIDTH) Gemm.tile(v, 4L * Gemm.ROWS * Gemm.BLOCK, u, k, c);
                    else Gemm.narrowTile(v, 4L * Gemm.ROWS * Gemm.BLOCK, u, k, c);
                }
            }
        }
    }

    private void spatialOut(Block b, long scratch, int tile, long target) {
        long pixel = 4L * n, vector = 4L * LANES, temp = scratch;
        for (int panel = 0; panel * Gemm.WIDTH < n; panel++) {
            int width = panelWidth(panel);
            long source = scratch + b.m + panel * b.mPanel + 4L * tile * width;
            for (int lane = 0; lane < width; lane += LANES) {
                WinogradTransform.out4(source + 4L * lane, b.mPlane, POINTS * b.mPlane, temp, vector, POINTS * vector, POINTS);
                WinogradTransform.out4(temp, POINTS * vector, vector, target + 4L * (panel * Gemm.WIDTH + lane), b.ytRow, pixel, TILE);
            }
        }
    }

    private static void copy(long source, long target, long bytes) {
        for (long i = 0; i < bytes; i += 4L * LANES) Simd.store(Simd.load(source + i), target + i);
    }

    private static void zero(long target, long bytes) {
        for (long i = 0; i < bytes; i += 4L * LANES) Simd.store(jdk.incubator.vector.FloatVector.zero(Simd.SPECIES), target + i);
    }

    /** Size of a block of tiles and where its pieces lie in a worker's scratch. */
    private final class Block {
        final int pixelsX, pixelsY;
        final long xtRow, xtPlane, vTiles, vPlane, mPanel, mPlane, ytRow, ytPlane, rowBytes;
        final long zeros, xt, v, m, yt, row, bytes;

        Block(int height, int width, int threads, int planes) {
            int tilesX = (width + TILE - 1) / TILE, tilesY = (height + TILE - 1) / TILE;
            // V and M of 24 tiles stay in the second-level cache where channels are few. Where they are many, the weights stream from further
            // away and must serve more tiles; without time there are six times fewer weights (measured: 4.8, 5.1, 5.7 and 2.9 x peak for
            // 96, 192, 384 channels and the enlarging convolutions, against 4.2, 4.4, 5.6 and 2.5 with the other choice).
            int wanted = !temporal || Math.max(k, n) <= 128 ? 24 : 96;
            // At least two blocks for each thread where the frame is small, but no less than a register tile of rows.
            wanted = Math.max(Gemm.ROWS, Math.min(wanted, (tilesX * tilesY + 2 * threads - 1) / (2 * threads)));
            int bx = Math.min(tilesX, wanted <= 24 ? 8 : 16), by = Math.min(tilesY, Math.max(1, (wanted + bx - 1) / bx));
            bx = Math.min(tilesX, Math.max(bx, (wanted + by - 1) / by));
            pixelsX = bx * TILE;
            pixelsY = by * TILE;
            int tiles = (bx * by + Gemm.ROWS - 1) / Gemm.ROWS * Gemm.ROWS;
            xtRow = 4L * (pixelsX + 2) * k + 3 * 64;
            xtPlane = xtRow * (pixelsY + 2) + 7 * 64;
            vTiles = 4L * Gemm.ROWS * k;
            vPlane = 4L * tiles * k + ODD;
            mPanel = 4L * tiles * Gemm.WIDTH;
            mPlane = 4L * tiles * n + ODD;
            ytRow = 4L * pixelsX * n + 3 * 64;
            ytPlane = ytRow * pixelsY + 7 * 64;
            rowBytes = 4L * pixelsX * n;
            zeros = SPATIAL * 64L;
            xt = zeros + xtRow;
            v = xt + planes * xtPlane;
            m = v + SPATIAL * vPlane;
            yt = m + SPATIAL * mPlane;
            row = yt + planes * ytPlane;
            bytes = row + TILE * rowBytes + 4096;
        }
    }
}
