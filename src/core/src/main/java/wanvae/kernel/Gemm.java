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
 * a Cascade Lake layers are 1.05 to 1.09 times as fast as with one loop, with AVX2 1.18 times. Tiles of six rows and
 * four vectors need four loads fewer. They were faster in isolation (0.93 of the peak instead of 0.81 to 0.86) and in
 * layers of 384 channels (1.03 times), but not in those of 96 and 192: their panels and products take twice the space
 * in the second-level cache.
 *
 * <p>Where there are only 16 registers, a tile is computed as two tiles of 6 x 2, in a loop that C2 does not unroll. On
 * a Zen 3 that reaches 0.88 to 0.96 of the peak, where 12 x 1 reached 0.57 or 0.8, depending on the run and on the
 * garbage collector; on a Zen 5 with AVX2 both reach 0.9 and more. When C2 unrolls the loop, it spills accumulators of
 * every tile but 12 x 1.
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
     * <p>Meanwhile it reads K/8 integers, {@code 8 * step} bytes apart from {@code ahead} on, so that the data that the
     * caller needs next moves into a nearer cache. Java has no prefetch instruction. A load whose result nothing waits
     * for does nearly as well, if its cache line arrives before the processor has nothing else to execute. It does if
     * the addresses advance slowly and steadily, because the hardware's own prefetchers then run ahead of the loads.
     * Measured in C on a Zen 5, with twelve tiles for each panel of 24 KB that comes from memory, the first tile takes
     * 780 ns instead of 1500 ns, and the others take 2 % longer. Reading the lines in another order, or faster, costs
     * more than it gains.
     *
     * @param a     {@code [K/16][ROWS][16]}
     * @param aStep bytes from one 16-channel block of A to the next (at least {@code 64 * ROWS})
     * @param b     {@code [K][WIDTH]}
     * @param k     K, a multiple of 16
     * @param c     {@code [ROWS][WIDTH]}, overwritten
     * @param ahead address of the first integer that is read meanwhile
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
