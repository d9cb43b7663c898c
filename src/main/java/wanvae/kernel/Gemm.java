package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.SPECIES;
import static wanvae.kernel.Simd.broadcast;
import static wanvae.kernel.Simd.load;
import static wanvae.kernel.Simd.store;

import jdk.incubator.vector.FloatVector;

/**
 * The register-tiled microkernel beneath every convolution: {@link #ROWS} rows of A times a panel of B.
 *
 * <p>A is packed {@code [K/16][ROWS][16]} (the blocks {@code aStep} bytes apart), B is a panel {@code [K][width]} of {@link #WIDTH} columns
 * or of one vector. Each element of C is one chain of FMAs with k ascending, whatever the tile: results do not depend on blocking.
 * Accumulators are locals and k is not unrolled by hand: C2 would hoist all loads and spill.
 */
final class Gemm {
    /** 32 vector registers carry 12 x 2 accumulators; with 16 (AVX2 and below on x86) 6 x 2 fit. */
    static final int ROWS = FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512 || !System.getProperty("os.arch").equals("amd64") ? 12 : 6;

    /** Columns of a full panel. */
    static final int WIDTH = 2 * LANES;

    static final int BLOCK = Simd.CHANNEL_BLOCK;
    private static final long VECTOR = 4L * LANES;
    private static final long ROW = 4L * BLOCK;

    private Gemm() {}

    /**
     * {@code C[ROWS][WIDTH] (+)= A[ROWS][K] · B[K][WIDTH]}.
     *
     * @param aStep bytes from one 16-channel block of A to the next (at least {@code 64 * ROWS})
     * @param k     a multiple of 16
     * @param cRow  bytes from one row of C to the next
     */
    static void tile(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        if (ROWS == 12) tile12x2(a, aStep, b, k, c, cRow, accumulate);
        else tile6x2(a, aStep, b, k, c, cRow, accumulate);
    }

    /** As {@link #tile} with a panel of one vector: {@code C[ROWS][LANES] (+)= A[ROWS][K] · B[K][LANES]}. */
    static void narrowTile(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        if (ROWS == 12) tile12x1(a, aStep, b, k, c, cRow, accumulate);
        else tile6x1(a, aStep, b, k, c, cRow, accumulate);
    }

    private static void tile12x2(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        FloatVector c0a = accumulate ? load(c) : FloatVector.zero(SPECIES);
        FloatVector c0b = accumulate ? load(c + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c1a = accumulate ? load(c + cRow) : FloatVector.zero(SPECIES);
        FloatVector c1b = accumulate ? load(c + cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c2a = accumulate ? load(c + 2 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c2b = accumulate ? load(c + 2 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c3a = accumulate ? load(c + 3 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c3b = accumulate ? load(c + 3 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c4a = accumulate ? load(c + 4 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c4b = accumulate ? load(c + 4 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c5a = accumulate ? load(c + 5 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c5b = accumulate ? load(c + 5 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c6a = accumulate ? load(c + 6 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c6b = accumulate ? load(c + 6 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c7a = accumulate ? load(c + 7 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c7b = accumulate ? load(c + 7 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c8a = accumulate ? load(c + 8 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c8b = accumulate ? load(c + 8 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c9a = accumulate ? load(c + 9 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c9b = accumulate ? load(c + 9 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c10a = accumulate ? load(c + 10 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c10b = accumulate ? load(c + 10 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c11a = accumulate ? load(c + 11 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c11b = accumulate ? load(c + 11 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        for (int block = 0; block < k; block += BLOCK, a += aStep) {
            for (long p = a, end = a + 4 * BLOCK; p < end; p += 4, b += 2 * VECTOR) {
                FloatVector ba = load(b), bb = load(b + VECTOR);
                FloatVector x = broadcast(p);
                c0a = x.fma(ba, c0a);
                c0b = x.fma(bb, c0b);
                x = broadcast(p + 1 * ROW);
                c1a = x.fma(ba, c1a);
                c1b = x.fma(bb, c1b);
                x = broadcast(p + 2 * ROW);
                c2a = x.fma(ba, c2a);
                c2b = x.fma(bb, c2b);
                x = broadcast(p + 3 * ROW);
                c3a = x.fma(ba, c3a);
                c3b = x.fma(bb, c3b);
                x = broadcast(p + 4 * ROW);
                c4a = x.fma(ba, c4a);
                c4b = x.fma(bb, c4b);
                x = broadcast(p + 5 * ROW);
                c5a = x.fma(ba, c5a);
                c5b = x.fma(bb, c5b);
                x = broadcast(p + 6 * ROW);
                c6a = x.fma(ba, c6a);
                c6b = x.fma(bb, c6b);
                x = broadcast(p + 7 * ROW);
                c7a = x.fma(ba, c7a);
                c7b = x.fma(bb, c7b);
                x = broadcast(p + 8 * ROW);
                c8a = x.fma(ba, c8a);
                c8b = x.fma(bb, c8b);
                x = broadcast(p + 9 * ROW);
                c9a = x.fma(ba, c9a);
                c9b = x.fma(bb, c9b);
                x = broadcast(p + 10 * ROW);
                c10a = x.fma(ba, c10a);
                c10b = x.fma(bb, c10b);
                x = broadcast(p + 11 * ROW);
                c11a = x.fma(ba, c11a);
                c11b = x.fma(bb, c11b);
            }
        }
        store(c0a, c);
        store(c0b, c + VECTOR);
        store(c1a, c + cRow);
        store(c1b, c + cRow + VECTOR);
        store(c2a, c + 2 * cRow);
        store(c2b, c + 2 * cRow + VECTOR);
        store(c3a, c + 3 * cRow);
        store(c3b, c + 3 * cRow + VECTOR);
        store(c4a, c + 4 * cRow);
        store(c4b, c + 4 * cRow + VECTOR);
        store(c5a, c + 5 * cRow);
        store(c5b, c + 5 * cRow + VECTOR);
        store(c6a, c + 6 * cRow);
        store(c6b, c + 6 * cRow + VECTOR);
        store(c7a, c + 7 * cRow);
        store(c7b, c + 7 * cRow + VECTOR);
        store(c8a, c + 8 * cRow);
        store(c8b, c + 8 * cRow + VECTOR);
        store(c9a, c + 9 * cRow);
        store(c9b, c + 9 * cRow + VECTOR);
        store(c10a, c + 10 * cRow);
        store(c10b, c + 10 * cRow + VECTOR);
        store(c11a, c + 11 * cRow);
        store(c11b, c + 11 * cRow + VECTOR);
    }

    private static void tile6x2(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        FloatVector c0a = accumulate ? load(c) : FloatVector.zero(SPECIES);
        FloatVector c0b = accumulate ? load(c + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c1a = accumulate ? load(c + cRow) : FloatVector.zero(SPECIES);
        FloatVector c1b = accumulate ? load(c + cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c2a = accumulate ? load(c + 2 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c2b = accumulate ? load(c + 2 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c3a = accumulate ? load(c + 3 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c3b = accumulate ? load(c + 3 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c4a = accumulate ? load(c + 4 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c4b = accumulate ? load(c + 4 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        FloatVector c5a = accumulate ? load(c + 5 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c5b = accumulate ? load(c + 5 * cRow + VECTOR) : FloatVector.zero(SPECIES);
        for (int block = 0; block < k; block += BLOCK, a += aStep) {
            for (long p = a, end = a + 4 * BLOCK; p < end; p += 4, b += 2 * VECTOR) {
                FloatVector ba = load(b), bb = load(b + VECTOR);
                FloatVector x = broadcast(p);
                c0a = x.fma(ba, c0a);
                c0b = x.fma(bb, c0b);
                x = broadcast(p + 1 * ROW);
                c1a = x.fma(ba, c1a);
                c1b = x.fma(bb, c1b);
                x = broadcast(p + 2 * ROW);
                c2a = x.fma(ba, c2a);
                c2b = x.fma(bb, c2b);
                x = broadcast(p + 3 * ROW);
                c3a = x.fma(ba, c3a);
                c3b = x.fma(bb, c3b);
                x = broadcast(p + 4 * ROW);
                c4a = x.fma(ba, c4a);
                c4b = x.fma(bb, c4b);
                x = broadcast(p + 5 * ROW);
                c5a = x.fma(ba, c5a);
                c5b = x.fma(bb, c5b);
            }
        }
        store(c0a, c);
        store(c0b, c + VECTOR);
        store(c1a, c + cRow);
        store(c1b, c + cRow + VECTOR);
        store(c2a, c + 2 * cRow);
        store(c2b, c + 2 * cRow + VECTOR);
        store(c3a, c + 3 * cRow);
        store(c3b, c + 3 * cRow + VECTOR);
        store(c4a, c + 4 * cRow);
        store(c4b, c + 4 * cRow + VECTOR);
        store(c5a, c + 5 * cRow);
        store(c5b, c + 5 * cRow + VECTOR);
    }

    private static void tile12x1(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        FloatVector c0a = accumulate ? load(c) : FloatVector.zero(SPECIES);
        FloatVector c1a = accumulate ? load(c + cRow) : FloatVector.zero(SPECIES);
        FloatVector c2a = accumulate ? load(c + 2 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c3a = accumulate ? load(c + 3 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c4a = accumulate ? load(c + 4 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c5a = accumulate ? load(c + 5 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c6a = accumulate ? load(c + 6 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c7a = accumulate ? load(c + 7 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c8a = accumulate ? load(c + 8 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c9a = accumulate ? load(c + 9 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c10a = accumulate ? load(c + 10 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c11a = accumulate ? load(c + 11 * cRow) : FloatVector.zero(SPECIES);
        for (int block = 0; block < k; block += BLOCK, a += aStep) {
            for (long p = a, end = a + 4 * BLOCK; p < end; p += 4, b += VECTOR) {
                FloatVector ba = load(b);
                FloatVector x = broadcast(p);
                c0a = x.fma(ba, c0a);
                x = broadcast(p + 1 * ROW);
                c1a = x.fma(ba, c1a);
                x = broadcast(p + 2 * ROW);
                c2a = x.fma(ba, c2a);
                x = broadcast(p + 3 * ROW);
                c3a = x.fma(ba, c3a);
                x = broadcast(p + 4 * ROW);
                c4a = x.fma(ba, c4a);
                x = broadcast(p + 5 * ROW);
                c5a = x.fma(ba, c5a);
                x = broadcast(p + 6 * ROW);
                c6a = x.fma(ba, c6a);
                x = broadcast(p + 7 * ROW);
                c7a = x.fma(ba, c7a);
                x = broadcast(p + 8 * ROW);
                c8a = x.fma(ba, c8a);
                x = broadcast(p + 9 * ROW);
                c9a = x.fma(ba, c9a);
                x = broadcast(p + 10 * ROW);
                c10a = x.fma(ba, c10a);
                x = broadcast(p + 11 * ROW);
                c11a = x.fma(ba, c11a);
            }
        }
        store(c0a, c);
        store(c1a, c + cRow);
        store(c2a, c + 2 * cRow);
        store(c3a, c + 3 * cRow);
        store(c4a, c + 4 * cRow);
        store(c5a, c + 5 * cRow);
        store(c6a, c + 6 * cRow);
        store(c7a, c + 7 * cRow);
        store(c8a, c + 8 * cRow);
        store(c9a, c + 9 * cRow);
        store(c10a, c + 10 * cRow);
        store(c11a, c + 11 * cRow);
    }

    private static void tile6x1(long a, long aStep, long b, int k, long c, long cRow, boolean accumulate) {
        FloatVector c0a = accumulate ? load(c) : FloatVector.zero(SPECIES);
        FloatVector c1a = accumulate ? load(c + cRow) : FloatVector.zero(SPECIES);
        FloatVector c2a = accumulate ? load(c + 2 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c3a = accumulate ? load(c + 3 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c4a = accumulate ? load(c + 4 * cRow) : FloatVector.zero(SPECIES);
        FloatVector c5a = accumulate ? load(c + 5 * cRow) : FloatVector.zero(SPECIES);
        for (int block = 0; block < k; block += BLOCK, a += aStep) {
            for (long p = a, end = a + 4 * BLOCK; p < end; p += 4, b += VECTOR) {
                FloatVector ba = load(b);
                FloatVector x = broadcast(p);
                c0a = x.fma(ba, c0a);
                x = broadcast(p + 1 * ROW);
                c1a = x.fma(ba, c1a);
                x = broadcast(p + 2 * ROW);
                c2a = x.fma(ba, c2a);
                x = broadcast(p + 3 * ROW);
                c3a = x.fma(ba, c3a);
                x = broadcast(p + 4 * ROW);
                c4a = x.fma(ba, c4a);
                x = broadcast(p + 5 * ROW);
                c5a = x.fma(ba, c5a);
            }
        }
        store(c0a, c);
        store(c1a, c + cRow);
        store(c2a, c + 2 * cRow);
        store(c3a, c + 3 * cRow);
        store(c4a, c + 4 * cRow);
        store(c5a, c + 5 * cRow);
    }
}
