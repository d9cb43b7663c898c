package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/**
 * Winograd's algorithm over the columns and rows of tiles of input pixels, four columns wide, in one of three ways:
 *
 * <ul>
 * <li>F(4x4,3x3), where channels are few.
 * <li>F(6x4,3x3), where they are many: 48 products for 24 pixels instead of 36 for 16, at twice the error. Measured on one core of a Zen 5 against
 *     F(4x4,3x3): 1.05 times faster at 192 channels, 1.09 at 384 (at 32x32 pixels 0.98), at 96 no more than 1.02.
 * <li>F(4x4,2x2), where a 3x3 convolution follows a nearest 2x enlargement, for the two 2x2 convolutions (phases) that make an output row's
 *     even and odd pixels: F(4x4,3x3) without the point at infinity.
 * </ul>
 *
 * <p>Columns are transformed first, along whole rows of the block's pixels; then each of their frequencies goes along the rows, through its products and
 * back, while V and M of its few planes lie in the second-level cache; at last columns are transformed back. Tile by tile, with many planes in V at a
 * time, the same takes 1.02 to 1.1 times as long, and up to 1.25 times where others use the memory too: values are then written and read all over
 * memory that only the last-level cache holds.
 *
 * @param k     padded input channels
 * @param n     padded output channels
 * @param scale 2 where the picture is enlarged, else 1
 */
record SpatialWinograd(int k, int n, int scale) {
    /** Columns of a tile. */
    static final int TILE = 4;
    /** Columns that it sees of the input: one more on each side. */
    private static final int SEEN = TILE + 2;
    private static final int NARROW = 128;
    private static final long VECTOR = 4L * LANES, BLOCK = 4L * Gemm.BLOCK;

    /** Rows of a tile; it sees two more. */
    int down() {
        return scale == 2 || Math.max(k, n) <= NARROW ? TILE : 6;
    }

    /** Frequencies down a column. */
    int frequencies() {
        return down() + (scale == 2 ? 1 : 2);
    }

    /** Frequencies along a row, which go together. */
    private int points() {
        return scale == 2 ? SEEN - 1 : SEEN;
    }

    /** The products of so many tiles for one frequency down the columns. */
    PlaneGemm products(int tiles) {
        return new PlaneGemm(scale * points(), tiles, k, n);
    }

    /** Bytes of the weights of one phase. */
    long phaseBytes() {
        return frequencies() * points() * PlaneGemm.weightBytes(k, n);
    }

    /**
     * Pixels to the frequencies down their columns.
     *
     * @param source {@code [down * tiles + 2][pixels][K]}, rows {@code row} bytes apart
     * @param target {@code [frequencies][tiles][pixels][K]}, rows {@code targetRow} and frequencies {@code plane} bytes apart
     */
    void inColumns(long source, long row, long target, long targetRow, long plane, int tiles, int pixels) {
        int vectors = pixels * k / LANES;
        for (int i = 0; i < tiles; i++, source += down() * row, target += targetRow)
            if (scale == 2) WinogradTransform.in4of2(source, VECTOR, row, target, VECTOR, plane, vectors);
            else if (down() == TILE) WinogradTransform.in4(source, VECTOR, row, target, VECTOR, plane, vectors);
            else WinogradTransform.in6(source, row, target, plane, vectors);
    }

    /**
     * The frequencies down their columns to pixels.
     *
     * @param source {@code [frequencies][tiles][pixels][N]}, rows {@code sourceRow} and frequencies {@code plane} bytes apart
     * @param target {@code [down * tiles][pixels][N]}, rows {@code row} bytes apart
     */
    void outColumns(long source, long sourceRow, long plane, long target, long row, int tiles, int pixels) {
        int vectors = pixels * n / LANES;
        for (int i = 0; i < tiles; i++, source += sourceRow, target += down() * row)
            if (scale == 2) WinogradTransform.out4of2(source, VECTOR, plane, target, VECTOR, row, vectors);
            else if (down() == TILE) WinogradTransform.out4(source, VECTOR, plane, target, VECTOR, row, vectors);
            else WinogradTransform.out6(source, plane, target, row, vectors);
    }

    /**
     * One frequency of a tile's columns to its place in V.
     *
     * @param source the first of the pixels that the tile sees, of K channels
     * @param m      room of the products
     */
    void inRow(long source, PlaneGemm products, long m, int tile) {
        long v = m + products.plane() + products.v(tile), step = products.vStep(), plane = products.plane(), pixel = 4L * k;
        for (int phase = 0; phase < scale; phase++)
            for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                long s = source + phase * pixel + lane, d = v + phase * points() * plane + lane;
                if (scale == 1) WinogradTransform.in4(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
                else WinogradTransform.in4of2(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
            }
    }

    /**
     * The products of a frequency down the columns.
     *
     * @param u weights of the phases
     */
    void multiply(int frequency, long u, PlaneGemm products, long m, int tiles) {
        long first = frequency * points() * PlaneGemm.weightBytes(k, n);
        for (int phase = 0; phase < scale; phase++) products.multiply(u + phase * phaseBytes() + first, m, tiles, phase * points(), (phase + 1) * points());
    }

    /**
     * A tile's products in M to one frequency of its columns.
     *
     * @param target the first pixel, of N channels
     */
    void outRow(PlaneGemm products, long m, int tile, long target) {
        for (int phase = 0; phase < scale; phase++) row(products, m + phase * points() * products.plane(), tile, target + phase * 4L * n);
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
