package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.FLOAT;
import static wanvae.kernel.Simd.INT;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import jdk.incubator.vector.FloatVector;

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
        if (!Simd.SIXTEEN_REGISTERS) return tile12x2(a, aStep, b, k, c, ahead, step);
        int half = ROWS / 2;
        return tile6x2(a, aStep, b, k, c, ahead, step)
                ^ tile6x2(a + half * ROW, aStep, b, k, c + half * 2 * VECTOR, ahead + BLOCK / 2 * step, step);
    }

    /** As {@link #tile} with a panel of one vector: {@code C[ROWS][LANES] = A[ROWS][K] · B[K][LANES]}. */
    static int narrowTile(long a, long aStep, long b, int k, long c, long ahead, int step) {
        return tile12x1(a, aStep, b, k, c, ahead, step);
    }

    /** Half the rows. The inner loop is no counted one ({@link Simd#floatStep}). */
    private static int tile6x2(long a, long aStep, long b, int k, long c, long ahead, int step) {
        c &= MASK;
        int read = 0;
        long next = Simd.floatStep;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c1a = zero, c1b = zero, c2a = zero, c2b = zero;
        FloatVector c3a = zero, c3b = zero, c4a = zero, c4b = zero, c5a = zero, c5b = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += 2 * BLOCK * VECTOR, ahead += BLOCK * step) {
            read ^= ALL.get(INT, ahead & MASK);
            for (long i = 0; i < ROW; i += next) {
                long ap = a + i & MASK, bp = b + i * (2 * LANES) & MASK;
                FloatVector x,
                        ba = FloatVector.fromMemorySegment(SPECIES, ALL, bp, ORDER),
                        bb = FloatVector.fromMemorySegment(SPECIES, ALL, bp + VECTOR, ORDER);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap));
                c0a = x.fma(ba, c0a);
                c0b = x.fma(bb, c0b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + ROW));
                c1a = x.fma(ba, c1a);
                c1b = x.fma(bb, c1b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 2 * ROW));
                c2a = x.fma(ba, c2a);
                c2b = x.fma(bb, c2b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 3 * ROW));
                c3a = x.fma(ba, c3a);
                c3b = x.fma(bb, c3b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 4 * ROW));
                c4a = x.fma(ba, c4a);
                c4b = x.fma(bb, c4b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 5 * ROW));
                c5a = x.fma(ba, c5a);
                c5b = x.fma(bb, c5b);
            }
        }
        c0a.intoMemorySegment(ALL, c, ORDER);
        c0b.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c1a.intoMemorySegment(ALL, c + 2 * VECTOR, ORDER);
        c1b.intoMemorySegment(ALL, c + 3 * VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, c + 4 * VECTOR, ORDER);
        c2b.intoMemorySegment(ALL, c + 5 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, c + 6 * VECTOR, ORDER);
        c3b.intoMemorySegment(ALL, c + 7 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, c + 8 * VECTOR, ORDER);
        c4b.intoMemorySegment(ALL, c + 9 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, c + 10 * VECTOR, ORDER);
        c5b.intoMemorySegment(ALL, c + 11 * VECTOR, ORDER);
        return read;
    }

    private static int tile12x2(long a, long aStep, long b, int k, long c, long ahead, int step) {
        c &= MASK;
        int read = 0;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c1a = zero, c1b = zero, c2a = zero, c2b = zero, c3a = zero, c3b = zero;
        FloatVector c4a = zero, c4b = zero, c5a = zero, c5b = zero, c6a = zero, c6b = zero, c7a = zero, c7b = zero;
        FloatVector c8a = zero, c8b = zero, c9a = zero, c9b = zero, c10a = zero, c10b = zero, c11a = zero, c11b = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += 2 * BLOCK * VECTOR, ahead += BLOCK * step) {
            read ^= ALL.get(INT, ahead & MASK) ^ ALL.get(INT, ahead + BLOCK / 2 * step & MASK);
            for (int i = 0; i < BLOCK; i++) {
                long ap = a + i * 4L & MASK, bp = b + i * (2 * VECTOR) & MASK;
                FloatVector x,
                        ba = FloatVector.fromMemorySegment(SPECIES, ALL, bp, ORDER),
                        bb = FloatVector.fromMemorySegment(SPECIES, ALL, bp + VECTOR, ORDER);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap));
                c0a = x.fma(ba, c0a);
                c0b = x.fma(bb, c0b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + ROW));
                c1a = x.fma(ba, c1a);
                c1b = x.fma(bb, c1b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 2 * ROW));
                c2a = x.fma(ba, c2a);
                c2b = x.fma(bb, c2b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 3 * ROW));
                c3a = x.fma(ba, c3a);
                c3b = x.fma(bb, c3b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 4 * ROW));
                c4a = x.fma(ba, c4a);
                c4b = x.fma(bb, c4b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 5 * ROW));
                c5a = x.fma(ba, c5a);
                c5b = x.fma(bb, c5b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 6 * ROW));
                c6a = x.fma(ba, c6a);
                c6b = x.fma(bb, c6b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 7 * ROW));
                c7a = x.fma(ba, c7a);
                c7b = x.fma(bb, c7b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 8 * ROW));
                c8a = x.fma(ba, c8a);
                c8b = x.fma(bb, c8b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 9 * ROW));
                c9a = x.fma(ba, c9a);
                c9b = x.fma(bb, c9b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 10 * ROW));
                c10a = x.fma(ba, c10a);
                c10b = x.fma(bb, c10b);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 11 * ROW));
                c11a = x.fma(ba, c11a);
                c11b = x.fma(bb, c11b);
            }
        }
        c0a.intoMemorySegment(ALL, c, ORDER);
        c0b.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c1a.intoMemorySegment(ALL, c + 2 * VECTOR, ORDER);
        c1b.intoMemorySegment(ALL, c + 3 * VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, c + 4 * VECTOR, ORDER);
        c2b.intoMemorySegment(ALL, c + 5 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, c + 6 * VECTOR, ORDER);
        c3b.intoMemorySegment(ALL, c + 7 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, c + 8 * VECTOR, ORDER);
        c4b.intoMemorySegment(ALL, c + 9 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, c + 10 * VECTOR, ORDER);
        c5b.intoMemorySegment(ALL, c + 11 * VECTOR, ORDER);
        c6a.intoMemorySegment(ALL, c + 12 * VECTOR, ORDER);
        c6b.intoMemorySegment(ALL, c + 13 * VECTOR, ORDER);
        c7a.intoMemorySegment(ALL, c + 14 * VECTOR, ORDER);
        c7b.intoMemorySegment(ALL, c + 15 * VECTOR, ORDER);
        c8a.intoMemorySegment(ALL, c + 16 * VECTOR, ORDER);
        c8b.intoMemorySegment(ALL, c + 17 * VECTOR, ORDER);
        c9a.intoMemorySegment(ALL, c + 18 * VECTOR, ORDER);
        c9b.intoMemorySegment(ALL, c + 19 * VECTOR, ORDER);
        c10a.intoMemorySegment(ALL, c + 20 * VECTOR, ORDER);
        c10b.intoMemorySegment(ALL, c + 21 * VECTOR, ORDER);
        c11a.intoMemorySegment(ALL, c + 22 * VECTOR, ORDER);
        c11b.intoMemorySegment(ALL, c + 23 * VECTOR, ORDER);
        return read;
    }

    private static int tile12x1(long a, long aStep, long b, int k, long c, long ahead, int step) {
        c &= MASK;
        int read = 0;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero,
                c1a = zero,
                c2a = zero,
                c3a = zero,
                c4a = zero,
                c5a = zero,
                c6a = zero,
                c7a = zero,
                c8a = zero,
                c9a = zero,
                c10a = zero,
                c11a = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += BLOCK * VECTOR, ahead += BLOCK * step) {
            read ^= ALL.get(INT, ahead & MASK) ^ ALL.get(INT, ahead + BLOCK / 2 * step & MASK);
            for (int i = 0; i < BLOCK; i++) {
                long ap = a + i * 4L & MASK, bp = b + i * VECTOR & MASK;
                FloatVector x, ba = FloatVector.fromMemorySegment(SPECIES, ALL, bp, ORDER);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap));
                c0a = x.fma(ba, c0a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + ROW));
                c1a = x.fma(ba, c1a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 2 * ROW));
                c2a = x.fma(ba, c2a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 3 * ROW));
                c3a = x.fma(ba, c3a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 4 * ROW));
                c4a = x.fma(ba, c4a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 5 * ROW));
                c5a = x.fma(ba, c5a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 6 * ROW));
                c6a = x.fma(ba, c6a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 7 * ROW));
                c7a = x.fma(ba, c7a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 8 * ROW));
                c8a = x.fma(ba, c8a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 9 * ROW));
                c9a = x.fma(ba, c9a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 10 * ROW));
                c10a = x.fma(ba, c10a);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 11 * ROW));
                c11a = x.fma(ba, c11a);
            }
        }
        c0a.intoMemorySegment(ALL, c, ORDER);
        c1a.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, c + 2 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, c + 3 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, c + 4 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, c + 5 * VECTOR, ORDER);
        c6a.intoMemorySegment(ALL, c + 6 * VECTOR, ORDER);
        c7a.intoMemorySegment(ALL, c + 7 * VECTOR, ORDER);
        c8a.intoMemorySegment(ALL, c + 8 * VECTOR, ORDER);
        c9a.intoMemorySegment(ALL, c + 9 * VECTOR, ORDER);
        c10a.intoMemorySegment(ALL, c + 10 * VECTOR, ORDER);
        c11a.intoMemorySegment(ALL, c + 11 * VECTOR, ORDER);
        return read;
    }
}
