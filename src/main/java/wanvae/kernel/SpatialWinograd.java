package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.util.List;

/**
 * Winograd's algorithm over the rows and columns of tiles of input pixels, four columns wide, in one of three ways:
 *
 * <ul>
 * <li>F(4x4,3x3), where channels are few: all frequencies of a tile go together, a vector of channels at a time.
 * <li>F(6x4,3x3), where they are many: 48 products for 24 pixels instead of 36 for 16. V and M of all frequencies would leave the second-level cache: those
 *     down the columns are taken in halves, of which the second adds to what the first has made, and all channels of a tile go together. Measured on
 *     one core of a Zen 5 against F(4x4,3x3) in halves: 1.06 to 1.09 times faster at 192 channels, 1.03 to 1.08 at 384 (at 32x32 pixels 0.95); at 96, where
 *     larger tiles crowd the cache, 0.93 to 0.98 of F(4x4,3x3).
 * <li>F(4x4,2x2), in halves too, where a 3x3 convolution follows a nearest 2x enlargement, for the two 2x2 convolutions (phases) that make an output row's
 *     even and odd pixels: F(4x4,3x3) without the point at infinity.
 * </ul>
 *
 * @param k     padded input channels
 * @param n     padded output channels
 * @param scale 2 where the picture is enlarged, else 1
 */
record SpatialWinograd(int k, int n, int scale) {
    /** Columns of a tile, and those that it sees of the input: one more on each side. */
    static final int TILE = 4, SEEN = TILE + 2;
    private static final int NARROW = 128;
    private static final long VECTOR = 4L * LANES, BLOCK = 4L * Gemm.BLOCK;

    /** Frequencies down the columns that go together. */
    enum Rows {
        ALL(0, 1, 2, 3, 4, 5), LOWER(0, 1, 2, 7), UPPER(3, 4, 5, 6), LOWER_ENLARGED(1, 2, 0), UPPER_ENLARGED(3, 4);

        private final int[] frequencies;

        Rows(int... frequencies) {
            this.frequencies = frequencies;
        }

        private int count() {
            return frequencies.length;
        }
    }

    /** What is done one after the other. */
    List<Rows> passes() {
        if (scale == 2) return List.of(Rows.LOWER_ENLARGED, Rows.UPPER_ENLARGED);
        return whole() ? List.of(Rows.ALL) : List.of(Rows.LOWER, Rows.UPPER);
    }

    private boolean whole() {
        return scale == 1 && Math.max(k, n) <= NARROW;
    }

    /** Rows of a tile; it sees two more. */
    int down() {
        return scale == 2 || whole() ? TILE : 6;
    }

    /** Frequencies along a row. */
    private int points() {
        return scale == 2 ? SEEN - 1 : SEEN;
    }

    /** The products of so many tiles in one pass: the first has the most. */
    PlaneGemm products(int tiles) {
        return new PlaneGemm(scale * passes().getFirst().count() * points(), tiles, k, n);
    }

    /** Bytes of the weights of one phase. */
    long phaseBytes() {
        return (scale == 2 ? down() + 1 : down() + 2) * points() * PlaneGemm.weightBytes(k, n);
    }

    /** Room that a tile is transformed in, bytes. */
    long roomBytes() {
        return whole() ? SEEN * SEEN * VECTOR : 4 * roomRow();
    }

    private long roomRow() {
        return 4L * Math.max(SEEN * k, scale * TILE * n) + 64;
    }

    /**
     * A tile's pixels to its place in V.
     *
     * @param source the first of the pixels that the tile sees, of K channels; rows {@code row} bytes apart
     * @param m      room of the products
     */
    void in(Rows rows, long source, long row, long room, PlaneGemm products, long m, int tile) {
        long v = m + products.plane() + products.v(tile), step = products.vStep(), plane = products.plane(), pixel = 4L * k;
        int vectors = SEEN * k / LANES;
        switch (rows) {
            case ALL -> {
                for (int c = 0; c < k; c += Gemm.BLOCK, source += BLOCK, v += step)
                    for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                        WinogradTransform.in4(source + lane, row, pixel, room, SEEN * VECTOR, VECTOR, SEEN);
                        WinogradTransform.in4(room, VECTOR, SEEN * VECTOR, v + lane, plane, SEEN * plane, SEEN);
                    }
                return;
            }
            case LOWER -> WinogradTransform.inLower(source, row, room, roomRow(), vectors);
            case UPPER -> WinogradTransform.inUpper(source, row, room, roomRow(), vectors);
            case LOWER_ENLARGED -> WinogradTransform.inHalf(source, row, WinogradTransform.A, -2f, room, roomRow(), vectors);
            case UPPER_ENLARGED -> WinogradTransform.inHalf(source, row, WinogradTransform.B, -0.5f, room, roomRow(), vectors);
        }
        for (int phase = 0; phase < scale; phase++)
            for (int r = 0; r < rows.count(); r++)
                for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                    long s = room + r * roomRow() + phase * pixel + lane, d = v + (rows.count() * phase + r) * points() * plane + lane;
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
        for (int phase = 0; phase < scale; phase++)
            for (int r = 0; r < rows.count(); r++) {
                int plane = (rows.count() * phase + r) * points();
                products.multiply(u + phase * phaseBytes() + rows.frequencies[r] * points() * PlaneGemm.weightBytes(k, n), m, tiles, plane, plane + points());
            }
    }

    /**
     * A tile's products in M to its pixels, or adds them to what is there.
     *
     * @param target the first pixel, of N channels; rows {@code row} bytes apart
     */
    void out(Rows rows, PlaneGemm products, long m, int tile, long room, long target, long row) {
        long plane = products.plane(), pixel = 4L * scale * n;
        int vectors = TILE * scale * n / LANES;
        if (rows == Rows.ALL) {
            for (int panel = 0; panel * Gemm.WIDTH < n; panel++)
                for (int lane = 0; lane < products.panelWidth(panel); lane += LANES) {
                    WinogradTransform.out4(m + products.m(panel, tile) + 4L * lane, plane, SEEN * plane, room, VECTOR, SEEN * VECTOR, SEEN);
                    WinogradTransform.out4(room, SEEN * VECTOR, VECTOR, target + 4L * (panel * Gemm.WIDTH + lane), row, pixel, TILE);
                }
            return;
        }
        for (int phase = 0; phase < scale; phase++)
            for (int r = 0; r < rows.count(); r++)
                row(products, m + (rows.count() * phase + r) * points() * plane, tile, room + r * roomRow() + phase * 4L * n);
        switch (rows) {
            case LOWER -> WinogradTransform.outLower(room, roomRow(), target, row, vectors);
            case UPPER -> WinogradTransform.addUpper(room, roomRow(), target, row, vectors);
            case LOWER_ENLARGED -> WinogradTransform.outHalf(room, roomRow(), target, row, vectors);
            default -> WinogradTransform.addHalf(room, roomRow(), target, row, vectors);
        }
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
