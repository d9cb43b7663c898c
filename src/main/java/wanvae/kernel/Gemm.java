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
 * The register-tiled microkernel beneath Winograd's algorithm: {@link #ROWS} rows of A times a panel of B.
 *
 * <p>A is packed {@code [K/16][ROWS][16]} (the blocks {@code aStep} bytes apart), B is a panel {@code [K][width]} of {@link #width} columns,
 * C is {@code [ROWS][width]}. Each element of C is one chain of FMAs with k ascending, whatever the tile: results do not depend on blocking.
 *
 * <p>Where there are 32 vector registers, four vectors of columns and six rows at a time take the fewest loads beside the FMAs, two vectors and twelve
 * rows or one and twelve what columns are left. With 16 (AVX2 and below on x86) it is one vector and twelve rows: of any other tile C2 spills a part.
 * A's blocks make an outer loop, so that an address takes two instructions: a processor that takes up four a cycle has no room for more. On a
 * Cascade Lake 6 x 4 reaches 0.93 of the peak at 96 channels, 12 x 2 0.81, and 0.77 with one loop.
 *
 * <p>What C2 needs: accumulators in locals, k not unrolled by hand (it would hoist all loads and spill), and one masked base for A and one for B with
 * constant offsets behind them (a mask on each load costs speed), all written out: behind small methods of our own C2 stops inlining half-way and boxes
 * the vectors (0.13 instead of 0.97 of peak). No more vector operations than here: C1 gives up on larger methods, and they never reach C2.
 */
final class Gemm {
    static final int ROWS = 12;

    private static final boolean SIXTEEN_REGISTERS =
            FloatVector.SPECIES_PREFERRED.vectorBitSize() < 512 && System.getProperty("os.arch").equals("amd64");

    /** Columns of a full panel. */
    static final int WIDTH = SIXTEEN_REGISTERS ? LANES : 4 * LANES;

    static final int BLOCK = Simd.CHANNEL_BLOCK;
    private static final long VECTOR = 4L * LANES;
    private static final long ROW = 4L * BLOCK;

    private Gemm() {}

    /** Columns of the next panel where so many are left: as many as fit of {@link #WIDTH}, half and a quarter of it. */
    static int width(int columns) {
        return columns >= WIDTH ? WIDTH : columns >= 2 * LANES ? 2 * LANES : LANES;
    }

    /** Panels of n columns. */
    static int panels(int n) {
        return n / WIDTH + Integer.bitCount(n % WIDTH / LANES);
    }

    /** Columns before a panel of n columns. */
    static int column(int n, int panel) {
        int full = n / WIDTH;
        return panel <= full ? panel * WIDTH : full * WIDTH + 2 * LANES;
    }

    /**
     * {@code C[ROWS][width] = A[ROWS][K] · B[K][width]}.
     *
     * <p>On the way it reads an integer each {@code step / 2} bytes from {@code ahead} to {@link #reads}, so that what the caller needs next comes nearer
     * meanwhile. Java has no prefetch, but a load that nothing waits for does nearly as well if its line comes within the time that a processor looks ahead;
     * on a slow walk straight on it does, because the hardware's own prefetchers run before it. In C on a Zen 5, twelve tiles for each panel of 24 KB that
     * comes from memory: the first tile takes 780 instead of 1500 ns, the others 2% longer. Another order of the lines, or a faster walk, loses.
     *
     * @param aStep bytes from one 16-channel block of A to the next (at least {@code 64 * ROWS})
     * @param k     a multiple of 16
     * @param width of {@link #width}
     * @return what it read, xored: without a use C2 would drop the loads
     */
    static int tile(long a, long aStep, long b, int k, int width, long c, long ahead, int step) {
        if (width == 4 * LANES) {
            int half = ROWS / 2;
            return tile6x4(a, aStep, b, k, c, ahead, step) ^ tile6x4(a + half * ROW, aStep, b, k, c + half * 4 * VECTOR, ahead + reads(k, width, step) / 2, step);
        }
        return width == 2 * LANES ? tile12x2(a, aStep, b, k, c, ahead, step) : tile12x1(a, aStep, b, k, c, ahead, step);
    }

    /** Bytes that {@link #tile} walks. */
    static long reads(int k, int width, long step) {
        return (width == 4 * LANES ? 2 : 1) * (k / BLOCK) * step;
    }

    private static int tile6x4(long a, long aStep, long b, int k, long c, long ahead, int step) {
        c &= MASK;
        int read = 0;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c0c = zero, c0d = zero, c1a = zero, c1b = zero, c1c = zero, c1d = zero;
        FloatVector c2a = zero, c2b = zero, c2c = zero, c2d = zero, c3a = zero, c3b = zero, c3c = zero, c3d = zero;
        FloatVector c4a = zero, c4b = zero, c4c = zero, c4d = zero, c5a = zero, c5b = zero, c5c = zero, c5d = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += 4 * BLOCK * VECTOR, ahead += step) {
            read ^= ALL.get(INT, ahead & MASK) ^ ALL.get(INT, ahead + step / 2 & MASK);
            for (int i = 0; i < BLOCK; i++) {
                long ap = a + i * 4L & MASK, bp = b + i * (4 * VECTOR) & MASK;
                FloatVector x, ba = FloatVector.fromMemorySegment(SPECIES, ALL, bp, ORDER), bb = FloatVector.fromMemorySegment(SPECIES, ALL, bp + VECTOR, ORDER);
                FloatVector bc = FloatVector.fromMemorySegment(SPECIES, ALL, bp + 2 * VECTOR, ORDER), bd = FloatVector.fromMemorySegment(SPECIES, ALL, bp + 3 * VECTOR, ORDER);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap));
                c0a = x.fma(ba, c0a);
                c0b = x.fma(bb, c0b);
                c0c = x.fma(bc, c0c);
                c0d = x.fma(bd, c0d);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + ROW));
                c1a = x.fma(ba, c1a);
                c1b = x.fma(bb, c1b);
                c1c = x.fma(bc, c1c);
                c1d = x.fma(bd, c1d);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 2 * ROW));
                c2a = x.fma(ba, c2a);
                c2b = x.fma(bb, c2b);
                c2c = x.fma(bc, c2c);
                c2d = x.fma(bd, c2d);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 3 * ROW));
                c3a = x.fma(ba, c3a);
                c3b = x.fma(bb, c3b);
                c3c = x.fma(bc, c3c);
                c3d = x.fma(bd, c3d);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 4 * ROW));
                c4a = x.fma(ba, c4a);
                c4b = x.fma(bb, c4b);
                c4c = x.fma(bc, c4c);
                c4d = x.fma(bd, c4d);
                x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, ap + 5 * ROW));
                c5a = x.fma(ba, c5a);
                c5b = x.fma(bb, c5b);
                c5c = x.fma(bc, c5c);
                c5d = x.fma(bd, c5d);
            }
        }
        c0a.intoMemorySegment(ALL, c, ORDER);
        c0b.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c0c.intoMemorySegment(ALL, c + 2 * VECTOR, ORDER);
        c0d.intoMemorySegment(ALL, c + 3 * VECTOR, ORDER);
        c1a.intoMemorySegment(ALL, c + 4 * VECTOR, ORDER);
        c1b.intoMemorySegment(ALL, c + 5 * VECTOR, ORDER);
        c1c.intoMemorySegment(ALL, c + 6 * VECTOR, ORDER);
        c1d.intoMemorySegment(ALL, c + 7 * VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, c + 8 * VECTOR, ORDER);
        c2b.intoMemorySegment(ALL, c + 9 * VECTOR, ORDER);
        c2c.intoMemorySegment(ALL, c + 10 * VECTOR, ORDER);
        c2d.intoMemorySegment(ALL, c + 11 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, c + 12 * VECTOR, ORDER);
        c3b.intoMemorySegment(ALL, c + 13 * VECTOR, ORDER);
        c3c.intoMemorySegment(ALL, c + 14 * VECTOR, ORDER);
        c3d.intoMemorySegment(ALL, c + 15 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, c + 16 * VECTOR, ORDER);
        c4b.intoMemorySegment(ALL, c + 17 * VECTOR, ORDER);
        c4c.intoMemorySegment(ALL, c + 18 * VECTOR, ORDER);
        c4d.intoMemorySegment(ALL, c + 19 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, c + 20 * VECTOR, ORDER);
        c5b.intoMemorySegment(ALL, c + 21 * VECTOR, ORDER);
        c5c.intoMemorySegment(ALL, c + 22 * VECTOR, ORDER);
        c5d.intoMemorySegment(ALL, c + 23 * VECTOR, ORDER);
        return read;
    }

    private static int tile12x2(long a, long aStep, long b, int k, long c, long ahead, int step) {
        c &= MASK;
        int read = 0;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c1a = zero, c1b = zero, c2a = zero, c2b = zero, c3a = zero, c3b = zero;
        FloatVector c4a = zero, c4b = zero, c5a = zero, c5b = zero, c6a = zero, c6b = zero, c7a = zero, c7b = zero;
        FloatVector c8a = zero, c8b = zero, c9a = zero, c9b = zero, c10a = zero, c10b = zero, c11a = zero, c11b = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += 2 * BLOCK * VECTOR, ahead += step) {
            read ^= ALL.get(INT, ahead & MASK) ^ ALL.get(INT, ahead + step / 2 & MASK);
            for (int i = 0; i < BLOCK; i++) {
                long ap = a + i * 4L & MASK, bp = b + i * (2 * VECTOR) & MASK;
                FloatVector x, ba = FloatVector.fromMemorySegment(SPECIES, ALL, bp, ORDER), bb = FloatVector.fromMemorySegment(SPECIES, ALL, bp + VECTOR, ORDER);
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
        FloatVector c0a = zero, c1a = zero, c2a = zero, c3a = zero, c4a = zero, c5a = zero, c6a = zero, c7a = zero, c8a = zero, c9a = zero, c10a = zero, c11a = zero;
        for (int j = 0; j < k; j += BLOCK, a += aStep, b += BLOCK * VECTOR, ahead += step) {
            read ^= ALL.get(INT, ahead & MASK) ^ ALL.get(INT, ahead + step / 2 & MASK);
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
