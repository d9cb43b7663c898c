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
    private static final int PIECE_TILES = GroupMoments.PIECE / TILE;
    /** Odd numbers of cache lines keep the 36 frequency planes off the same cache sets. */
    private static final long ODD = 5 * 64;

    /** The temporal frequencies an F(m,3) uses, of the six; m = 0 stands for a frame whose past is zero, or like itself where edges are repeated. */
    private static final int[][] FREQUENCIES = {null, {0, 1, 5}, {0, 1, 2, 5}, null, {0, 1, 2, 3, 4, 5}};

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
     * @param upsample the convolution's input is the nearest 2x enlargement of the frames it is given, in space
     * @param border   what lies beyond the edges of a frame; what lies before the first one is up to the past frames that {@link #run} is given
     */
    public WinogradConv(Arena arena, MemorySegment weight, int out, int in, boolean temporal, boolean upsample, Border border) {
        if (weight.byteSize() != 4L * out * in * (temporal ? 27 : 9) || !weight.isNative())
            throw new IllegalArgumentException("a convolution " + in + " to " + out + " cannot have weights of " + weight.byteSize() + " bytes");
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
        return temporalPlanes() * planeBytes() * SPATIAL;
    }

    @Override
    public boolean alwaysKept() {
        return transformedBytes() <= KEPT;
    }

    /** The temporal frequencies, and the sum of the taps where edges are repeated: then the first frame's past is like itself. */
    private int temporalPlanes() {
        return !temporal ? 1 : border == Border.REPLICATE ? POINTS + 1 : POINTS;
    }

    /** The temporal plane of a frame whose past needs no transform: the newest tap alone, or the sum of the taps. */
    private int stillPlane() {
        return temporalPlanes() - 1;
    }

    /** Bytes of the weights of one frequency of the 6 x 36. */
    private long planeBytes() {
        return 4L * n * k;
    }

    private int panelWidth(int panel) {
        return Math.min(Gemm.WIDTH, n - panel * Gemm.WIDTH);
    }

    /**
     * Transformed weights: the address where temporal plane 0 lies or would lie.
     *
     * @param still only the still plane is needed
     */
    private long transformed(Team team, Workspace workspace, boolean still) {
        MemorySegment all = kept;
        boolean keep = !still && (alwaysKept() || workspace.keepsWeights());
        if (all == null && keep) all = keep(team);
        if (all != null) return all.address();
        long shared = workspace.weights(transformedBytes());
        transform(team, shared, still);
        return still ? shared - stillPlane() * SPATIAL * planeBytes() : shared;
    }

    private synchronized MemorySegment keep(Team team) {
        if (kept == null) {
            MemorySegment all = arena.allocate(transformedBytes(), 4096);
            transform(team, all.address(), false);
            kept = all;
        }
        return kept;
    }

    private void transform(Team team, long target, boolean still) {
        int panels = (n + Gemm.WIDTH - 1) / Gemm.WIDTH, slices = (k + SLICE - 1) / SLICE;
        team.run(panels * slices, (task, worker) -> transform(target, task / slices, task % slices * SLICE, still));
    }

    /** The weights of a panel's output channels and a slice of input channels; the still plane alone, or all of them. */
    private void transform(long target, int panel, int from, boolean still) {
        boolean newest = still && border == Border.ZEROS;
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
                    if (kt == 1) for (int f = 0; f < SPATIAL; f++) Simd.store(Simd.load(gxy + v + f * vector), to + f * planeBytes());
                    else if (!still) WinogradTransform.weights(gxy + v, vector, 36 * vector, to, planeBytes(), SPATIAL * planeBytes(), SPATIAL);
                    if (kt == 3 && border == Border.REPLICATE) sum(gxy + v, vector, to + (still ? 0 : stillPlane() * SPATIAL * planeBytes()));
                }
            }
        }
    }

    /** The three temporal taps of each spatial frequency together. */
    private void sum(long source, long step, long target) {
        for (int f = 0; f < SPATIAL; f++)
            Simd.store(Simd.load(source + f * step).add(Simd.load(source + (SPATIAL + f) * step)).add(Simd.load(source + (2 * SPATIAL + f) * step)),
                    target + f * planeBytes());
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
        return new Block(height, width, 1, temporal ? POINTS : 1).bytes;
    }

    /**
     * Convolves.
     *
     * @param in       temporal: two past frames (null: zeros) and T new ones; else T frames. {@code [H][W][in]}, half the output's size where upsampling.
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
        long weights = transformed(team, workspace, temporal && frames == 1 && isStill(in, 0));
        int t = 0;
        while (t < frames) {
            int left = frames - t, m = !temporal || isStill(in, t) ? 0 : left >= 3 ? 4 : left;
            group(team, workspace, weights, in, norm, epilogue, t, m, Math.min(left, Math.max(m, 1)));
            t += Math.max(m, 1);
        }
    }

    /** Whether the frame's past is nothing but zeros, or like itself where edges are repeated. */
    private boolean isStill(Frames in, int t) {
        long past = in.address(t);
        return past == in.address(t + 1) && past == (border == Border.ZEROS ? 0 : in.address(t + 2));
    }

    /** The temporal planes for F(m,3). */
    private int[] frequencies(int m) {
        return m == 0 ? new int[] {stillPlane()} : FREQUENCIES[m];
    }

    /** Output frames t … t+count-1 by F(m,3) in time; m = 0 is the still plane alone. */
    private void group(Team team, Workspace workspace, long weights, Frames in, GroupNorm norm, Epilogue epilogue, int t, int m, int count) {
        Window window = epilogue.window();
        Block block = new Block(window.height(), window.width(), team.size(), frequencies(m).length);
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
        int[] frequencies = frequencies(m);
        gather(b, scratch, in, norm, t, m, y0, x0, tilesX * TILE + 2, (tiles / tilesX) * TILE + 2, window.pictureHeight(), window.pictureWidth());
        for (int i = 0; i < frequencies.length; i++) {
            int ft = frequencies[i];
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

    /** The block's rows with a border of one pixel, normalised and transformed along time into XT; all positions are those of the output's picture. */
    private void gather(Block b, long scratch, Frames in, GroupNorm norm, int t, int m, int y0, int x0, int columns, int rows, int height, int width) {
        int xa = Math.max(0, x0 - 1), xb = Math.min(width, x0 - 1 + columns), left = xa - (x0 - 1), right = columns - left - (xb - xa);
        int shift = upsample ? 1 : 0, from = xa >> shift, before = -1;
        long pixel = 4L * k, small = 0;
        for (int r = 0; r < rows; r++) {
            int y = Math.clamp(y0 - 1 + r, 0, height - 1);
            long row = scratch + b.xt + r * b.xtRow, d = row + left * pixel;
            if (border == Border.ZEROS && y != y0 - 1 + r) {
                for (int p = 0; p < b.planes; p++) zero(row + p * b.xtPlane, columns * pixel);
                continue;
            }
            if (!upsample) transform(b, scratch, in, norm, t, m, y, xa, xb - xa, d, b.xtPlane);
            else {
                if (y >> 1 != before) small = transformSmall(b, scratch, in, norm, t, m, y >> 1, from, (xb - 1 >> 1) + 1 - from);
                before = y >> 1;
                for (int p = 0; p < b.planes; p++)
                    for (int x = xa; x < xb; x++) copy(small + p * b.xtRow + ((x >> 1) - from) * pixel, d + p * b.xtPlane + (x - xa) * pixel, pixel);
            }
            for (int p = 0; p < b.planes; p++) sides(row + p * b.xtPlane, left, xb - xa, right, pixel);
        }
    }

    /** As {@link #transform} before a row is enlarged; returns where it lies. */
    private long transformSmall(Block b, long scratch, Frames in, GroupNorm norm, int t, int m, int y, int x, int count) {
        if (m == 0) return source(in, norm, newest(t), in.offset(y, x), count, scratch + b.small);
        transform(b, scratch, in, norm, t, m, y, x, count, scratch + b.small, b.xtRow);
        return scratch + b.small;
    }

    /** Where the frame itself stands behind its past. */
    private int newest(int t) {
        return temporal ? t + 2 : t;
    }

    /** {@code count} pixels of row y from x on, along time into planes {@code plane} bytes apart. */
    private void transform(Block b, long scratch, Frames in, GroupNorm norm, int t, int m, int y, int x, int count, long d, long plane) {
        long offset = in.offset(y, x), bytes = count * 4L * k, s = scratch + b.past;
        if (m == 0) {
            copy(source(in, norm, newest(t), offset, count, s), d, bytes);
            return;
        }
        long s0 = source(in, norm, t, offset, count, s), s1 = source(in, norm, t + 1, offset, count, s + b.xtRow);
        long s2 = source(in, norm, t + 2, offset, count, s + 2 * b.xtRow);
        if (m == 1) {
            WinogradTransform.in1(s0, s1, s2, d, plane, bytes);
            return;
        }
        long s3 = source(in, norm, t + 3, offset, count, s + 3 * b.xtRow);
        if (m == 2) WinogradTransform.in2(s0, s1, s2, s3, d, plane, bytes);
        else WinogradTransform.in4(s0, s1, s2, s3, source(in, norm, t + 4, offset, count, s + 4 * b.xtRow),
                source(in, norm, t + 5, offset, count, s + 5 * b.xtRow), d, plane, bytes);
    }

    /** Part of frame t's row, at {@code room} if it is normalised or made; zeros for a null frame and for those beyond the last, which only feed outputs that are dropped. */
    private long source(Frames in, GroupNorm norm, int t, long offset, int count, long room) {
        boolean none = t >= in.count() || in.address(t) == 0;
        if (none) zero(room, count * 4L * k);
        else if (norm == null) return in.address(t) + offset;
        else norm.apply(in.address(t) + offset, room, count);
        return room;
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
        final int pixelsX, pixelsY, planes;
        final long xtRow, xtPlane, vTiles, vPlane, mPanel, mPlane, ytRow, ytPlane, rowBytes;
        final long past, small, xt, v, m, yt, row, bytes;

        Block(int height, int width, int threads, int planes) {
            this.planes = planes;
            int tilesX = (width + TILE - 1) / TILE, tilesY = (height + TILE - 1) / TILE;
            // V and M of 24 tiles stay in the second-level cache where channels are few. Where they are many, the weights stream from further
            // away and must serve more tiles; without time there are six times fewer weights (measured: 4.8, 5.1, 5.7 and 2.9 x peak for
            // 96, 192, 384 channels and the enlarging convolutions, against 4.2, 4.4, 5.6 and 2.5 with the other choice).
            int wanted = !temporal || Math.max(k, n) <= 128 ? 24 : 96;
            // At least two blocks for each thread where the frame is small, but no less than a register tile of rows.
            wanted = Math.max(Gemm.ROWS, Math.min(wanted, (tilesX * tilesY + 2 * threads - 1) / (2 * threads)));
            int bx = Math.min(tilesX, wanted <= 24 ? 8 : 16), by = Math.min(tilesY, Math.max(1, (wanted + bx - 1) / bx));
            // Whole pieces of rows, so that moments do not depend on blocks.
            bx = Math.min(tilesX, Math.max(bx, (wanted + by - 1) / by + PIECE_TILES - 1 & -PIECE_TILES));
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
            past = SPATIAL * 64L;
            small = past + POINTS * xtRow;
            xt = small + (upsample ? planes * xtRow : 0);
            v = xt + planes * xtPlane;
            m = v + SPATIAL * vPlane;
            yt = m + SPATIAL * mPlane;
            row = yt + planes * ytPlane;
            bytes = row + TILE * rowBytes + 4096;
        }
    }
}
