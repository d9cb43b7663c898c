package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/**
 * The register-tiled microkernel beneath every convolution: {@link #ROWS} rows of A times a panel of B.
 *
 * <p>A is packed {@code [K/16][ROWS][16]} (the blocks {@code aStep} bytes apart), B is a panel {@code [K][width]} of
 * {@link #WIDTH} columns or of one vector, C is {@code [ROWS][width]}. Each element of C is one chain of FMAs with k
 * ascending, whatever the tile, so results do not depend on blocking.
 *
 * <p>An outer loop over the blocks of A lets the inner one compute its two addresses in seven instructions: each k
 * takes 24 FMAs, 14 loads and 9 others, and a processor that issues four instructions a cycle has no room for more. On
 * a Cascade Lake layers are 1.05 to 1.09 times as fast as with one loop, with AVX2 1.18 times. Six rows of four vectors
 * need four loads less and were faster in isolation (0.93 of the peak instead of 0.81 to 0.86), but not in layers of 96
 * and 192 channels, and 1.03 times as fast in those of 384: their panels and products take twice the space in the
 * second-level cache. Where there are 16 registers, a tile is two of 6 x 2 whose inner loop C2 does not unroll. On a Zen
 * 3 that reaches 0.88 to 0.96 of the peak, where 12 x 1 reached 0.57 or 0.8 from run to run and by the collector; on a
 * Zen 5 with AVX2 both reach 0.9 and more. Unrolled, C2 spills a part of any tile but 12 x 1.
 *
 * <p>What C2 needs: accumulators in locals; k not unrolled by hand, or it hoists all loads and spills; one masked base
 * for A and one for B with constant offsets from them, because a mask on each load costs speed; and everything written
 * out, because calls of small methods make it stop inlining half-way and box the vectors (0.13 instead of 0.97 of the
 * peak). C1 gives up on much larger methods, and then they never reach C2.
 */
final class Gemm {
    static final int ROWS = 12;

    /** Columns of a full panel: 32 vector registers carry 12 x 2 accumulators, 16 carry 6 x 2. */
    static final int WIDTH = 2 * LANES;

    static final int BLOCK = Simd.CHANNEL_BLOCK;
    private static final long VECTOR = 4L * LANES;
    private static final long ROW = 4L * BLOCK;

    private Gemm() {}

    /**
     * {@code C[ROWS][WIDTH] = A[ROWS][K] · B[K][WIDTH]}.
     *
     * <p>On the way it reads K/8 integers, {@code 8 * step} bytes apart from {@code ahead} on, so that what the caller
     * needs next moves into a nearer cache meanwhile. Java has no prefetch, but a load whose result nothing waits for
     * does nearly as well if its line arrives within the time that a processor looks ahead. On a slow, steady walk it
     * does, because the hardware's own prefetchers run ahead of it. In C on a Zen 5, with twelve tiles for each panel
     * of 24 KB that comes from memory, the first tile takes 780 instead of 1500 ns and the others 2% longer. Another
     * order of the lines, or a faster walk, loses.
     *
     * @param a     {@code [K/16][ROWS][16]}
     * @param aStep bytes from one 16-channel block of A to the next (at least {@code 64 * ROWS})
     * @param b     {@code [K][WIDTH]}
     * @param k     K, a multiple of 16
     * @param c     {@code [ROWS][WIDTH]}, overwritten
     * @param ahead what is read meanwhile
     * @param step  an eighth of the bytes from one integer read to the next
     * @return the integers read, combined by xor: without a use C2 would drop the loads
     */
    static int tile(long a, long aStep, long b, int k, long c, long ahead, int step) {
        if (!Simd.SIXTEEN_REGISTERS) return GemmTile.rows12(a, aStep, b, k, c, ahead, step);
        int half = ROWS / 2;
        return GemmTile.rows6(a, aStep, b, k, c, ahead, step)
                ^ GemmTile.rows6(a + half * ROW, aStep, b, k, c + half * 2 * VECTOR, ahead + BLOCK / 2 * step, step);
    }

    /** As {@link #tile} with a panel of one vector: {@code C[ROWS][LANES] = A[ROWS][K] · B[K][LANES]}. */
    static int narrowTile(long a, long aStep, long b, int k, long c, long ahead, int step) {
        return GemmTile.narrow12(a, aStep, b, k, c, ahead, step);
    }
}
