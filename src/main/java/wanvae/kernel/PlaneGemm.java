package wanvae.kernel;

/**
 * The products in the middle of Winograd's algorithm: for each plane (frequency) the tiles' values times the transformed weights,
 * {@code V[T][K] · U[K][N] = M[T][N]}.
 *
 * <p>{@code V[P][T/ROWS][K/16][ROWS][16]}, {@code U[P][N/WIDTH][K][WIDTH]}, {@code M[P][N/WIDTH][T][WIDTH]}: what {@link Gemm} takes and makes.
 *
 * @param tiles T, in whole {@link Gemm#ROWS}
 * @param k     padded input channels
 * @param n     padded output channels
 */
record PlaneGemm(int planes, int tiles, int k, int n) {
    /** Odd numbers of cache lines keep the planes of V and M off the same cache sets. */
    private static final long ODD = 5 * 64;

    PlaneGemm {
        tiles = Math.ceilDiv(tiles, Gemm.ROWS) * Gemm.ROWS;
    }

    /** Bytes of U for one plane. */
    static long weightBytes(int k, int n) {
        return 4L * k * n;
    }

    /** Bytes from a plane of V to the next, and from a plane of M to the next. */
    long plane() {
        return 4L * tiles * Math.max(k, n) + ODD;
    }

    /** Bytes of V and M together: M lies a plane before V, so that a plane's products take the place of values that are used up. */
    long bytes() {
        return (planes + 1) * plane();
    }

    /** Where a tile's first 16 channels lie in a plane of V; the next 16 come {@link #vStep} behind. */
    long v(int tile) {
        return tile / Gemm.ROWS * 4L * Gemm.ROWS * k + tile % Gemm.ROWS * 4L * Gemm.BLOCK;
    }

    /** Bytes from 16 channels of a tile to its next 16. */
    long vStep() {
        return 4L * Gemm.ROWS * Gemm.BLOCK;
    }

    /** Output channels of a panel of U and M. */
    int panelWidth(int panel) {
        return Math.min(Gemm.WIDTH, n - panel * Gemm.WIDTH);
    }

    /** Where a tile's channels of a panel lie in a plane of M. */
    long m(int panel, int tile) {
        return panel * 4L * tiles * Gemm.WIDTH + 4L * tile * panelWidth(panel);
    }

    /**
     * The products of some planes, of the first {@code count} tiles.
     *
     * @param u    weights of the first of these planes
     * @param m    room of {@link #bytes}: M, with V a plane behind
     * @param from the first plane
     * @param to   behind the last one
     */
    void multiply(long u, long m, int count, int from, int to) {
        long plane = plane(), uPlane = weightBytes(k, n), step = vStep(), group = 4L * Gemm.ROWS * k;
        int panels = Math.ceilDiv(n, Gemm.WIDTH), groups = Math.ceilDiv(count, Gemm.ROWS);
        for (int p = from; p < to; p++)
            for (int panel = 0; panel < panels; panel++) {
                int width = panelWidth(panel);
                long weights = u + (p - from) * uPlane + 4L * panel * Gemm.WIDTH * k, target = m + p * plane + m(panel, 0), source = m + (p + 1) * plane;
                // The weights often lie far away: the next panel comes nearer bit by bit while this one is used. Two groups of tiles are too few to hide that.
                boolean none = groups < 3 || p == to - 1 && panel == panels - 1;
                int row = none ? 0 : 4 * panelWidth((panel + 1) % panels), aheadStep = Math.ceilDiv(row / 4, groups) * 4;
                long ahead = none ? weights : weights + 4L * width * k, aheadLast = ahead + (long) k * (row - aheadStep);
                for (int g = 0; g < groups; g++, source += group, target += 4L * Gemm.ROWS * width) {
                    if (width == Gemm.WIDTH) Gemm.tile(source, step, weights, k, target, ahead, aheadStep);
                    else Gemm.narrowTile(source, step, weights, k, target, ahead, aheadStep);
                    ahead = Math.min(ahead + (long) k * aheadStep, aheadLast);
                }
            }
    }
}
