package wanvae.kernel;

/**
 * The products in the middle of Winograd's algorithm, for one panel of output channels at a time: for each plane
 * (frequency along a row) the tiles' values times the transformed weights, {@code V[T][K] · U[K][WIDTH] = M[T][WIDTH]}.
 *
 * <p>Each block of tiles reads all weights of a layer, often from memory. They are therefore stored as taps along the
 * row, {@code [taps][K][WIDTH]}, half as many as frequencies, and a panel's frequencies are computed here, {@code
 * U[4][K][WIDTH]}; those at 0 and ∞ are the first and the third tap themselves. On one core of a Zen 5 a whole decode
 * is 1.03 to 1.04 times as fast as with all frequencies in memory.
 *
 * <p>A few tiles are multiplied in all planes and their products handed on before the next few, so that M stays in the
 * first-level cache. On an Intel Xeon with AMX whole decodes take 0.98 of the time that they take when all tiles are
 * multiplied first. With 256-bit vectors, and in tiny decoders, there is no difference.
 *
 * <p>U is followed by {@code M[P][S][WIDTH]} and {@code V[P][T/ROWS][K/16][ROWS][16]}, the output and the input of
 * {@link Gemm}.
 *
 * @param taps  taps along a row: 3, or 2, which have no frequency at ∞
 * @param tiles T, a multiple of {@link Gemm#ROWS}
 * @param some  S, the tiles whose products M holds, a multiple of {@link Gemm#ROWS}
 * @param k     padded input channels
 */
record PlaneGemm(int taps, int tiles, int some, int k) {
    /** Takes the products of some tiles. */
    interface Products {
        /**
         * Is called with M holding the products of these tiles, which the next call's replace.
         *
         * @param from the first tile
         * @param to   the tile behind the last one
         */
        void take(int from, int to);
    }

    /** Tiles that share a panel's frequencies while these are in the first-level cache. */
    private static final int FEW = 2 * Gemm.ROWS;
    /** Frequencies that are computed here. */
    private static final int MADE = 4;
    /** Planes lie an odd number of cache lines apart, so that they do not share cache sets. */
    private static final long ODD = 5 * 64;

    PlaneGemm {
        tiles = whole(tiles);
        some = whole(some);
    }

    /** With room for the products of a few tiles. */
    static PlaneGemm ofFew(int taps, int tiles, int k) {
        return new PlaneGemm(taps, tiles, Math.min(FEW, tiles), k);
    }

    /** With room for the products of all tiles. */
    static PlaneGemm ofAll(int taps, int tiles, int k) {
        return new PlaneGemm(taps, tiles, tiles, k);
    }

    private static int whole(int tiles) {
        return Math.ceilDiv(tiles, Gemm.ROWS) * Gemm.ROWS;
    }

    /** Frequencies along a row. */
    int planes() {
        return taps + 3;
    }

    /** Output channels of a panel in a layer of n output channels. */
    static int width(int n, int panel) {
        return Math.min(Gemm.WIDTH, n - panel * Gemm.WIDTH);
    }

    private long uPlane() {
        return 4L * k * Gemm.WIDTH + ODD;
    }

    /** Offset of M behind U, bytes. */
    long m() {
        return MADE * uPlane();
    }

    /** Bytes from a plane of M to the next. */
    long mPlane() {
        return 4L * some * Gemm.WIDTH + ODD;
    }

    /** Offset of a plane of V behind U, bytes. */
    long v(int plane) {
        return m() + planes() * mPlane() + plane * vPlane();
    }

    /** Bytes from a plane of V to the next. */
    long vPlane() {
        return 4L * tiles * k + ODD;
    }

    /** Offset of a tile's first 16 channels in a plane of V; the next 16 come {@link #vStep} bytes later. */
    long tile(int tile) {
        return tile / Gemm.ROWS * 4L * Gemm.ROWS * k + tile % Gemm.ROWS * 4L * Gemm.BLOCK;
    }

    /** Bytes from 16 channels of a tile to its next 16. */
    long vStep() {
        return 4L * Gemm.ROWS * Gemm.BLOCK;
    }

    /**
     * Multiplies the first {@code count} tiles by a panel.
     *
     * @param weights  the panel's taps
     * @param width    output channels of the panel
     * @param room     address of U, which M and V follow
     * @param first    the plane of V that belongs to the first plane of M
     * @param count    tiles
     * @param next     bytes of the taps that follow these and are needed next; they move into a nearer cache meanwhile
     * @param products takes the products of each {@link #some} tiles
     */
    void multiply(long weights, int width, long room, int first, int count, long next, Products products) {
        long tap = 4L * k * width;
        if (taps == 3) WinogradTransform.innerWeights(weights, tap, room, uPlane());
        else WinogradTransform.innerWeights2(weights, tap, room, uPlane());
        int groups = Math.ceilDiv(count, Gemm.ROWS);
        // The products of two groups of tiles take too little time to hide these reads.
        long wanted = groups < 3 ? 0 : next;
        int aheadStep = (int) Math.ceilDiv(wanted, 4L * k * planes() * groups) * 4;
        long ahead = wanted == 0 ? weights : weights + taps * tap, aheadLast = ahead + wanted - (long) k * aheadStep;
        for (int from = 0; from < count; from += some) {
            int to = Math.min(from + some, count);
            for (int p = 0; p < planes(); p++) {
                long u = p == 0 ? weights : p <= MADE ? room + (p - 1) * uPlane() : weights + 2 * tap;
                ahead = multiply(
                        room + v(first + p) + tile(from),
                        u,
                        width,
                        room + m() + p * mPlane(),
                        Math.ceilDiv(to - from, Gemm.ROWS),
                        ahead,
                        aheadStep,
                        aheadLast);
            }
            products.take(from, to);
        }
    }

    /**
     * Multiplies groups of {@link Gemm#ROWS} tiles by one plane of a panel.
     *
     * @return where the next groups read ahead
     */
    private long multiply(long v, long u, int width, long m, int groups, long ahead, int aheadStep, long aheadLast) {
        long step = vStep(), group = tile(Gemm.ROWS);
        for (int g = 0; g < groups; g++, v += group, m += 4L * Gemm.ROWS * width) {
            if (width == Gemm.WIDTH) Gemm.tile(v, step, u, k, m, ahead, aheadStep);
            else Gemm.narrowTile(v, step, u, k, m, ahead, aheadStep);
            ahead = Math.min(ahead + (long) k * aheadStep, aheadLast);
        }
        return ahead;
    }
}
