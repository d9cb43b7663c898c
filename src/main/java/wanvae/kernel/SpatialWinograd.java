package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.util.List;

/**
 * Winograd's algorithm over the rows and columns of tiles of 4x4 input pixels: F(4x4,3x3); or, where a 3x3 convolution follows a nearest 2x enlargement, the two
 * 2x2 convolutions (phases) that make an output row's even and odd pixels, by F(4x4,2x2), which is F(4x4,3x3) without the point at infinity.
 *
 * <p>Where channels are few, all frequencies of a tile go together, a vector of channels at a time. Where they are many, V and M of all of them would leave the
 * second-level cache: the frequencies down the columns are then taken in halves, of which the second adds to what the first has made, and all channels of a
 * tile go together (measured, one core of a Zen 5: 1.01 to 1.05 and 1.01 to 1.11 times faster at 192 and 384 channels, 0.9 at 96).
 *
 * @param k     padded input channels
 * @param n     padded output channels
 * @param scale 2 where the picture is enlarged, else 1
 */
record SpatialWinograd(int k, int n, int scale) {
    /** Pixels of a tile's side, and those that it sees of the input. */
    static final int TILE = 4, SEEN = TILE + 2;
    private static final int NARROW = 128;
    private static final long VECTOR = 4L * LANES, BLOCK = 4L * Gemm.BLOCK;

    /** Frequencies down the columns that go together. */
    enum Rows {
        ALL(0, 1, 2, 3, 4, 5), LOWER(0, 1, 2), UPPER(5, 3, 4);

        private final int[] frequencies;

        Rows(int... frequencies) {
            this.frequencies = frequencies;
        }
    }

    /** What is done one after the other. */
    List<Rows> passes() {
        return whole() ? List.of(Rows.ALL) : List.of(Rows.LOWER, Rows.UPPER);
    }

    private boolean whole() {
        return scale == 1 && Math.max(k, n) <= NARROW;
    }

    /** Frequencies along a row. */
    private int points() {
        return scale == 2 ? SEEN - 1 : SEEN;
    }

    /** The first of the pass's frequencies: an enlarged picture has no point at infinity. */
    private int first(Rows rows) {
        return scale == 2 && rows == Rows.UPPER ? 1 : 0;
    }

    /** The products of so many tiles in one pass. */
    PlaneGemm products(int tiles) {
        return new PlaneGemm(scale * (whole() ? SEEN : 3) * points(), tiles, k, n);
    }

    /** Bytes of the weights of one phase. */
    long phaseBytes() {
        return points() * points() * PlaneGemm.weightBytes(k, n);
    }

    /** Room that a tile is transformed in, bytes. */
    long roomBytes() {
        return whole() ? SEEN * SEEN * VECTOR : 3 * roomRow();
    }

    private long roomRow() {
        return 4L * Math.max(SEEN * k, scale * TILE * n) + 64;
    }

    /**
     * A tile's pixels to its place in V.
     *
     * @param source the first of the 6x6 pixels that the tile sees, of K channels; rows {@code row} bytes apart
     * @param m      room of the products
     */
    void in(Rows rows, long source, long row, long room, PlaneGemm products, long m, int tile) {
        long v = m + products.plane() + products.v(tile), step = products.vStep(), plane = products.plane(), pixel = 4L * k;
        if (rows == Rows.ALL) {
            for (int c = 0; c < k; c += Gemm.BLOCK, source += BLOCK, v += step)
                for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                    WinogradTransform.in4(source + lane, row, pixel, room, SEEN * VECTOR, VECTOR, SEEN);
                    WinogradTransform.in4(room, VECTOR, SEEN * VECTOR, v + lane, plane, SEEN * plane, SEEN);
                }
            return;
        }
        if (rows == Rows.LOWER) WinogradTransform.inHalf(source, row, 0, WinogradTransform.A, -2f, room, roomRow(), SEEN * k / LANES);
        else WinogradTransform.inHalf(source, row, scale == 1 ? row : 0, WinogradTransform.B, -0.5f, room, roomRow(), SEEN * k / LANES);
        for (int phase = 0; phase < scale; phase++)
            for (int r = first(rows); r < 3; r++)
                for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                    long s = room + r * roomRow() + phase * pixel + lane, d = v + (3 * phase + r) * points() * plane + lane;
                    if (scale == 1) WinogradTransform.in4(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
                    else WinogradTransform.in4of2(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
                }
    }

    /**
     * The products of a pass.
     *
     * @param u weights of the phases
     */
    void multiply(Rows rows, long u, PlaneGemm products, long m, int tiles) {
        int count = rows.frequencies.length;
        for (int phase = 0; phase < scale; phase++)
            for (int r = first(rows); r < count; r++) {
                int plane = (count * phase + r) * points();
                products.multiply(u + phase * phaseBytes() + rows.frequencies[r] * points() * PlaneGemm.weightBytes(k, n), m, tiles, plane, plane + points());
            }
    }

    /** Makes room for {@link #out}: what is not there counts as zero. */
    void begin(Rows rows, long room) {
        if (first(rows) == 1) Border.zero(room, 4L * scale * TILE * n);
    }

    /**
     * A tile's products in M to four rows of its pixels, or adds them to what is there.
     *
     * @param target the first pixel, of N channels; rows {@code row} bytes apart
     */
    void out(Rows rows, PlaneGemm products, long m, int tile, long room, long target, long row) {
        long plane = products.plane(), pixel = 4L * scale * n;
        if (rows == Rows.ALL) {
            for (int panel = 0; panel * Gemm.WIDTH < n; panel++)
                for (int lane = 0; lane < products.panelWidth(panel); lane += LANES) {
                    WinogradTransform.out4(m + products.m(panel, tile) + 4L * lane, plane, SEEN * plane, room, VECTOR, SEEN * VECTOR, SEEN);
                    WinogradTransform.out4(room, SEEN * VECTOR, VECTOR, target + 4L * (panel * Gemm.WIDTH + lane), row, pixel, TILE);
                }
            return;
        }
        for (int phase = 0; phase < scale; phase++)
            for (int r = first(rows); r < 3; r++) row(products, m + (3 * phase + r) * points() * plane, tile, room + r * roomRow() + phase * 4L * n);
        if (rows == Rows.LOWER) WinogradTransform.outHalf(room, roomRow(), target, row, TILE * scale * n / LANES);
        else WinogradTransform.addHalf(room, roomRow(), target, row, TILE * scale * n / LANES);
    }

    /** A tile's frequencies along a row to four pixels. */
    private void row(PlaneGemm products, long m, int tile, long target) {
        int panels = n / Gemm.WIDTH;
        long width = 4L * Gemm.WIDTH, panel = products.m(1, 0);
        for (long lane = 0; lane < width; lane += VECTOR) pixels(m + products.m(0, tile) + lane, panel, products.plane(), target + lane, width, panels);
        for (long lane = 0; lane < 4L * n - panels * width; lane += VECTOR)
            pixels(m + products.m(panels, tile) + lane, 0, products.plane(), target + panels * width + lane, 0, 1);
    }

    private void pixels(long source, long panel, long plane, long target, long width, int count) {
        if (scale == 1) WinogradTransform.out4(source, panel, plane, target, width, 4L * n, count);
        else WinogradTransform.out4of2(source, panel, plane, target, width, 8L * n, count);
    }
}
