package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/**
 * Winograd's algorithm over the columns and rows of tiles of input pixels, four columns wide, in one of three ways:
 *
 * <ul>
 * <li>F(4x4,3x3), where there are few channels and three taps in time.
 * <li>F(6x4,3x3) elsewhere: 48 products for 24 pixels instead of 36 for 16, at twice the error. Measured on one core of
 *     a Zen 5 against F(4x4,3x3): 1.05 times as fast at 192 channels, 1.09 at 384 (0.98 at 32x32 pixels), and 1.09 for
 *     the whole tiny decoder. At 96 channels with three taps in time whole decodes are 1.04 times as fast, but bands of
 *     rows take 0.3 to 0.65 GB more at 832x480; F(4x6,3x3), which would not take that memory, is no faster than
 *     F(4x4,3x3) on a Cascade Lake.
 * <li>F(4x4,2x2), where a 3x3 convolution follows a nearest 2x enlargement, for the two 2x2 convolutions (phases) that
 *     make an output row's even and odd pixels: F(4x4,3x3) without the point at infinity.
 * </ul>
 *
 * <p>Columns are transformed first, along whole rows of the block's pixels; then each of their frequencies is
 * transformed along the rows, multiplied and transformed back, while V of its few planes lies in the second-level
 * cache; finally columns are transformed back. Done tile by tile, with many planes in V at a time, the same work takes
 * 1.02 to 1.1 times as long, and up to 1.25 times where others use the memory too: its reads and writes are then
 * scattered over memory that only the last-level cache holds.
 *
 * @param k     padded input channels
 * @param n     padded output channels
 * @param scale 2 where the picture is enlarged, else 1
 * @param down  output rows of a tile; it reads two more input rows
 */
record SpatialWinograd(int k, int n, int scale, int down) {
    /** Columns of a tile. */
    static final int TILE = 4;

    /** Output rows of a tall tile. */
    private static final int TALL = 6;
    /** The most channels that count as few. */
    private static final int NARROW = 128;

    private static final long VECTOR = 4L * LANES, BLOCK = 4L * Gemm.BLOCK;

    /**
     * Chooses the way for a convolution.
     *
     * @param kt       its taps in time
     * @param enlarges whether the picture is enlarged
     */
    static SpatialWinograd of(int in, int out, int kt, boolean enlarges) {
        boolean tall = kt < 3 || isTall(Math.max(in, out));
        return new SpatialWinograd(
                Simd.padded(in), Simd.padded(out), enlarges ? 2 : 1, tall && !enlarges ? TALL : TILE);
    }

    /**
     * Whether convolutions of this many channels have tall tiles even with three taps in time, if they do not enlarge.
     */
    static boolean isTall(int channels) {
        return channels > NARROW;
    }

    /** Frequencies down a column. */
    int frequencies() {
        return down + (scale == 2 ? 1 : 2);
    }

    /** The products of this number of tiles for one frequency down the columns. */
    PlaneGemm products(int tiles) {
        return PlaneGemm.ofFew(taps(), tiles, k);
    }

    /** Bytes of U, M and V of this number of tiles. */
    long productBytes(int tiles) {
        PlaneGemm products = products(tiles);
        return products.v(scale * products.planes());
    }

    /** Taps along a row. */
    private int taps() {
        return scale == 2 ? 2 : 3;
    }

    /** Bytes of the weights of one frequency down the columns. */
    private long weightBytes() {
        return taps() * 4L * k * n;
    }

    /** Bytes of the weights of one phase. */
    long phaseBytes() {
        return frequencies() * weightBytes();
    }

    /**
     * Transforms pixels to the frequencies down their columns.
     *
     * @param source {@code down * tiles + 2} rows from row {@code first} on
     * @param target {@code [frequencies][tiles][pixels][K]}, rows {@code targetRow} and frequencies {@code plane} bytes
     *               apart
     */
    void inColumns(PixelRows source, int first, long target, long targetRow, long plane, int tiles) {
        long pixel = 4L * k, bytes = source.inside() * pixel;
        long[] r = source.rows();
        for (int i = 0, y = first; i < tiles; i++, y += down, target += targetRow) {
            long d = target + source.left() * pixel;
            if (scale == 2) WinogradTransform.in4of2(r[y], r[y + 1], r[y + 2], r[y + 3], r[y + 4], d, plane, bytes);
            else if (down == TILE)
                WinogradTransform.in4(r[y], r[y + 1], r[y + 2], r[y + 3], r[y + 4], r[y + 5], d, plane, bytes);
            else
                WinogradTransform.in6(
                        r[y], r[y + 1], r[y + 2], r[y + 3], r[y + 4], r[y + 5], r[y + 6], r[y + 7], d, plane, bytes);
            // Pixels beyond the picture are zeros or copies of its edge, and so are their frequencies.
            for (int f = 0; f < frequencies(); f++)
                source.border().sides(target + f * plane, source.left(), source.inside(), source.right(), pixel);
        }
    }

    /**
     * Transforms the frequencies down the columns back to pixels.
     *
     * @param source {@code [frequencies][tiles][pixels][N]}, rows {@code sourceRow} and frequencies {@code plane} bytes
     *               apart
     * @param target {@code [down * tiles][pixels][N]}, rows {@code row} bytes apart
     */
    void outColumns(long source, long sourceRow, long plane, long target, long row, int tiles, int pixels) {
        int vectors = pixels * n / LANES;
        for (int i = 0; i < tiles; i++, source += sourceRow, target += down * row)
            if (scale == 2) WinogradTransform.out4of2(source, VECTOR, plane, target, VECTOR, row, vectors);
            else if (down == TILE) WinogradTransform.out4(source, VECTOR, plane, target, VECTOR, row, vectors);
            else WinogradTransform.out6(source, plane, target, row, vectors);
    }

    /**
     * Transforms one frequency of a tile's columns along the rows, into its place in V.
     *
     * @param source   the first of the pixels that the tile reads, of K channels
     * @param products lays V out
     * @param room     of the products
     * @param tile     number of the tile
     */
    void inRow(long source, PlaneGemm products, long room, int tile) {
        long v = products.tile(tile), step = products.vStep(), plane = products.vPlane(), pixel = 4L * k;
        for (int phase = 0; phase < scale; phase++)
            for (long lane = 0; lane < BLOCK; lane += VECTOR) {
                long s = source + phase * pixel + lane, d = room + products.v(phase * products.planes()) + v + lane;
                if (scale == 1) WinogradTransform.in4(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
                else WinogradTransform.in4of2(s, BLOCK, pixel, d, step, plane, k / Gemm.BLOCK);
            }
    }

    /**
     * Multiplies V, and transforms the products along the rows back to one frequency of the columns. It takes a panel
     * of output channels and a few tiles at a time, so that M stays in the nearest cache.
     *
     * @param weights weights of all phases ({@link WinogradWeights})
     * @param room    of the products
     * @param target  {@code [rows of tiles][pixels][N]}, rows {@code row} bytes apart
     */
    void outRows(
            int frequency, long weights, PlaneGemm products, long room, int tilesX, int tilesY, long target, long row) {
        long channel = taps() * 4L * k;
        int panels = Math.ceilDiv(n, Gemm.WIDTH);
        for (int phase = 0; phase < scale; phase++) {
            long first = weights + phase * phaseBytes() + frequency * weightBytes();
            for (int panel = 0; panel < panels; panel++) {
                int width = PlaneGemm.width(n, panel);
                long u = first + panel * Gemm.WIDTH * channel, to = target + 4L * (phase * n + panel * Gemm.WIDTH);
                long ahead = panel < panels - 1 ? channel * PlaneGemm.width(n, panel + 1) : 0;
                products.multiply(
                        u,
                        width,
                        room,
                        phase * products.planes(),
                        tilesX * tilesY,
                        ahead,
                        (from, end) -> pixels(products, room, width, from, end, tilesX, to, row));
            }
        }
    }

    /** Transforms the products of tiles {@code first} to {@code end} - 1 by a panel back to pixels. */
    private void pixels(
            PlaneGemm products, long room, int width, int first, int end, int tilesX, long target, long row) {
        long m = room + products.m();
        for (int tile = first, run; tile < end; tile += run, m += run * 4L * width) {
            int x = tile % tilesX;
            run = Math.min(end - tile, tilesX - x);
            long to = target + tile / tilesX * row + x * TILE * scale * 4L * n;
            for (long lane = 0; lane < 4L * width; lane += VECTOR)
                pixels(m + lane, 4L * width, products.mPlane(), to + lane, run);
        }
    }

    /** Transforms one vector of the frequencies of several tiles back to pixels. */
    private void pixels(long source, long tile, long plane, long target, int tiles) {
        if (scale == 1) WinogradTransform.out4(source, tile, plane, target, TILE * 4L * n, 4L * n, tiles);
        else WinogradTransform.out4of2(source, tile, plane, target, TILE * 8L * n, 8L * n, tiles);
    }
}
