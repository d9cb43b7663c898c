package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.FLOAT;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Matrix product on rows where they lie: {@code C += A · B}, A's and C's rows any distance apart, B packed in panels.
 *
 * <p>A panel is {@code [K][width]}, as wide as the registers carry beside {@link #ROWS} rows of accumulators: two vectors where there are
 * 32 registers, one where there are 16. Each element of C is one chain of FMAs with k ascending, whatever the tile: results do not depend on blocking.
 *
 * <p>C2 wants it exactly so: accumulators in locals, k not unrolled, one masked address for every six rows of A and constant multiples of a
 * bounded stride behind it (a mask for each load takes the integer units' time, a single base spills the twelve offsets),
 * all written out: behind small methods of our own it stops inlining half-way and boxes the vectors.
 */
final class StridedGemm {
    /** Rows of a register tile; A and C are read and C is written in whole tiles. */
    static final int ROWS = 12;

    /** Vectors across a full panel; the last panel of an odd number of vectors is one vector wide. */
    static final int PANEL = FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512 || !System.getProperty("os.arch").equals("amd64") ? 2 : 1;

    private static final long VECTOR = 4L * LANES;
    /** Rows are less than 16 MiB apart: C2 learns that offsets from a base never overflow. */
    private static final long ROW_MASK = 0xffffffL;

    private StridedGemm() {}

    /** Vectors that hold n columns. */
    static int vectors(int n) {
        return (n + LANES - 1) / LANES;
    }

    /** Rows in whole tiles. */
    static int padded(int rows) {
        return (rows + ROWS - 1) / ROWS * ROWS;
    }

    /** Bytes of B packed: {@code k} rows of {@code vectors} vectors. */
    static long bytes(int k, int vectors) {
        return VECTOR * k * vectors;
    }

    /** Where element [i][j] of B lies in its packed form, in bytes; the following columns of its vector come after it. */
    static long offset(int i, int j, int k, int vectors) {
        int vector = j / LANES, first = vector / PANEL * PANEL, width = Math.min(PANEL, vectors - first);
        return VECTOR * ((long) first * k + (long) i * width + vector - first) + 4L * (j % LANES);
    }

    /**
     * {@code C[rows][vectors * LANES] += A[rows][k] · B}.
     *
     * @param rows    A and C have as many as {@link #padded} says; those beyond are computed and mean nothing
     * @param aRow    bytes from a row of A to the next, less than 16 MiB
     * @param aColumn bytes from a column of A to the next: 4, or A is the transpose of what lies in memory
     * @param cRow    bytes from a row of C to the next
     */
    static void multiply(long a, long aRow, long aColumn, int rows, long b, int k, int vectors, long c, long cRow) {
        for (int v = 0; v < vectors; v += PANEL) {
            long panel = b + VECTOR * v * k, columns = c + VECTOR * v;
            boolean wide = PANEL == 2 && v + 1 < vectors;
            for (int r = 0; r < rows; r += ROWS) {
                if (wide) wide(a + r * aRow, aRow, aColumn, panel, k, columns + r * cRow, cRow);
                else narrow(a + r * aRow, aRow, aColumn, panel, k, columns + r * cRow, cRow);
            }
        }
    }

    private static void wide(long a, long aRow, long aColumn, long b, int k, long c, long cRow) {
        FloatVector c0a = FloatVector.fromMemorySegment(SPECIES, ALL, c & MASK, ORDER);
        FloatVector c0b = FloatVector.fromMemorySegment(SPECIES, ALL, c + VECTOR & MASK, ORDER);
        FloatVector c1a = FloatVector.fromMemorySegment(SPECIES, ALL, c + cRow & MASK, ORDER);
        FloatVector c1b = FloatVector.fromMemorySegment(SPECIES, ALL, c + cRow + VECTOR & MASK, ORDER);
        FloatVector c2a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 2 * cRow & MASK, ORDER);
        FloatVector c2b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 2 * cRow + VECTOR & MASK, ORDER);
        FloatVector c3a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 3 * cRow & MASK, ORDER);
        FloatVector c3b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 3 * cRow + VECTOR & MASK, ORDER);
        FloatVector c4a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 4 * cRow & MASK, ORDER);
        FloatVector c4b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 4 * cRow + VECTOR & MASK, ORDER);
        FloatVector c5a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 5 * cRow & MASK, ORDER);
        FloatVector c5b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 5 * cRow + VECTOR & MASK, ORDER);
        FloatVector c6a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 6 * cRow & MASK, ORDER);
        FloatVector c6b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 6 * cRow + VECTOR & MASK, ORDER);
        FloatVector c7a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 7 * cRow & MASK, ORDER);
        FloatVector c7b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 7 * cRow + VECTOR & MASK, ORDER);
        FloatVector c8a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 8 * cRow & MASK, ORDER);
        FloatVector c8b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 8 * cRow + VECTOR & MASK, ORDER);
        FloatVector c9a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 9 * cRow & MASK, ORDER);
        FloatVector c9b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 9 * cRow + VECTOR & MASK, ORDER);
        FloatVector c10a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 10 * cRow & MASK, ORDER);
        FloatVector c10b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 10 * cRow + VECTOR & MASK, ORDER);
        FloatVector c11a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 11 * cRow & MASK, ORDER);
        FloatVector c11b = FloatVector.fromMemorySegment(SPECIES, ALL, c + 11 * cRow + VECTOR & MASK, ORDER);
        long row = aRow & ROW_MASK;
        for (int i = 0; i < k; i++) {
            long p = a + i * aColumn & MASK, q = p + 6 * row & MASK, panel = b + 2 * VECTOR * i & MASK;
            FloatVector ba = FloatVector.fromMemorySegment(SPECIES, ALL, panel, ORDER);
            FloatVector bb = FloatVector.fromMemorySegment(SPECIES, ALL, panel + VECTOR, ORDER);
            FloatVector x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p));
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + row));
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 2 * row));
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 3 * row));
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 4 * row));
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 5 * row));
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q));
            c6a = x.fma(ba, c6a);
            c6b = x.fma(bb, c6b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + row));
            c7a = x.fma(ba, c7a);
            c7b = x.fma(bb, c7b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 2 * row));
            c8a = x.fma(ba, c8a);
            c8b = x.fma(bb, c8b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 3 * row));
            c9a = x.fma(ba, c9a);
            c9b = x.fma(bb, c9b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 4 * row));
            c10a = x.fma(ba, c10a);
            c10b = x.fma(bb, c10b);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 5 * row));
            c11a = x.fma(ba, c11a);
            c11b = x.fma(bb, c11b);
        }
        c0a.intoMemorySegment(ALL, c & MASK, ORDER);
        c0b.intoMemorySegment(ALL, c + VECTOR & MASK, ORDER);
        c1a.intoMemorySegment(ALL, c + cRow & MASK, ORDER);
        c1b.intoMemorySegment(ALL, c + cRow + VECTOR & MASK, ORDER);
        c2a.intoMemorySegment(ALL, c + 2 * cRow & MASK, ORDER);
        c2b.intoMemorySegment(ALL, c + 2 * cRow + VECTOR & MASK, ORDER);
        c3a.intoMemorySegment(ALL, c + 3 * cRow & MASK, ORDER);
        c3b.intoMemorySegment(ALL, c + 3 * cRow + VECTOR & MASK, ORDER);
        c4a.intoMemorySegment(ALL, c + 4 * cRow & MASK, ORDER);
        c4b.intoMemorySegment(ALL, c + 4 * cRow + VECTOR & MASK, ORDER);
        c5a.intoMemorySegment(ALL, c + 5 * cRow & MASK, ORDER);
        c5b.intoMemorySegment(ALL, c + 5 * cRow + VECTOR & MASK, ORDER);
        c6a.intoMemorySegment(ALL, c + 6 * cRow & MASK, ORDER);
        c6b.intoMemorySegment(ALL, c + 6 * cRow + VECTOR & MASK, ORDER);
        c7a.intoMemorySegment(ALL, c + 7 * cRow & MASK, ORDER);
        c7b.intoMemorySegment(ALL, c + 7 * cRow + VECTOR & MASK, ORDER);
        c8a.intoMemorySegment(ALL, c + 8 * cRow & MASK, ORDER);
        c8b.intoMemorySegment(ALL, c + 8 * cRow + VECTOR & MASK, ORDER);
        c9a.intoMemorySegment(ALL, c + 9 * cRow & MASK, ORDER);
        c9b.intoMemorySegment(ALL, c + 9 * cRow + VECTOR & MASK, ORDER);
        c10a.intoMemorySegment(ALL, c + 10 * cRow & MASK, ORDER);
        c10b.intoMemorySegment(ALL, c + 10 * cRow + VECTOR & MASK, ORDER);
        c11a.intoMemorySegment(ALL, c + 11 * cRow & MASK, ORDER);
        c11b.intoMemorySegment(ALL, c + 11 * cRow + VECTOR & MASK, ORDER);
    }

    private static void narrow(long a, long aRow, long aColumn, long b, int k, long c, long cRow) {
        FloatVector c0a = FloatVector.fromMemorySegment(SPECIES, ALL, c & MASK, ORDER);
        FloatVector c1a = FloatVector.fromMemorySegment(SPECIES, ALL, c + cRow & MASK, ORDER);
        FloatVector c2a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 2 * cRow & MASK, ORDER);
        FloatVector c3a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 3 * cRow & MASK, ORDER);
        FloatVector c4a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 4 * cRow & MASK, ORDER);
        FloatVector c5a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 5 * cRow & MASK, ORDER);
        FloatVector c6a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 6 * cRow & MASK, ORDER);
        FloatVector c7a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 7 * cRow & MASK, ORDER);
        FloatVector c8a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 8 * cRow & MASK, ORDER);
        FloatVector c9a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 9 * cRow & MASK, ORDER);
        FloatVector c10a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 10 * cRow & MASK, ORDER);
        FloatVector c11a = FloatVector.fromMemorySegment(SPECIES, ALL, c + 11 * cRow & MASK, ORDER);
        long row = aRow & ROW_MASK;
        for (int i = 0; i < k; i++) {
            long p = a + i * aColumn & MASK, q = p + 6 * row & MASK, panel = b + VECTOR * i & MASK;
            FloatVector ba = FloatVector.fromMemorySegment(SPECIES, ALL, panel, ORDER);
            FloatVector x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p));
            c0a = x.fma(ba, c0a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + row));
            c1a = x.fma(ba, c1a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 2 * row));
            c2a = x.fma(ba, c2a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 3 * row));
            c3a = x.fma(ba, c3a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 4 * row));
            c4a = x.fma(ba, c4a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, p + 5 * row));
            c5a = x.fma(ba, c5a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q));
            c6a = x.fma(ba, c6a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + row));
            c7a = x.fma(ba, c7a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 2 * row));
            c8a = x.fma(ba, c8a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 3 * row));
            c9a = x.fma(ba, c9a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 4 * row));
            c10a = x.fma(ba, c10a);
            x = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, q + 5 * row));
            c11a = x.fma(ba, c11a);
        }
        c0a.intoMemorySegment(ALL, c & MASK, ORDER);
        c1a.intoMemorySegment(ALL, c + cRow & MASK, ORDER);
        c2a.intoMemorySegment(ALL, c + 2 * cRow & MASK, ORDER);
        c3a.intoMemorySegment(ALL, c + 3 * cRow & MASK, ORDER);
        c4a.intoMemorySegment(ALL, c + 4 * cRow & MASK, ORDER);
        c5a.intoMemorySegment(ALL, c + 5 * cRow & MASK, ORDER);
        c6a.intoMemorySegment(ALL, c + 6 * cRow & MASK, ORDER);
        c7a.intoMemorySegment(ALL, c + 7 * cRow & MASK, ORDER);
        c8a.intoMemorySegment(ALL, c + 8 * cRow & MASK, ORDER);
        c9a.intoMemorySegment(ALL, c + 9 * cRow & MASK, ORDER);
        c10a.intoMemorySegment(ALL, c + 10 * cRow & MASK, ORDER);
        c11a.intoMemorySegment(ALL, c + 11 * cRow & MASK, ORDER);
    }
}
