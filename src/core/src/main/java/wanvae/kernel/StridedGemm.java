package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.FLOAT;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Matrix product on rows where they lie: {@code C += A · B}. The rows of A and C may be any distance apart; B is packed
 * in panels or lies in rows too.
 *
 * <p>A panel is {@code [K][width]}, two vectors wide: the registers hold the accumulators of {@link #ROWS} rows, or of
 * a third of them where there are 16. Each element of the product is one chain of FMAs with k ascending, whatever the tile,
 * and is then added to C, so results do not depend on blocking.
 *
 * <p>What C2 needs: accumulators in locals; k not unrolled; one masked address for every six rows of A with constant
 * multiples of a bounded stride behind it, because a mask on each load takes the integer units' time and a single base
 * spills the twelve offsets; and everything written out, because calls of small methods make it stop inlining half-way
 * and box the vectors. The kernels do not load C, which keeps them small enough for C1; without C1 they would never
 * reach C2.
 */
final class StridedGemm {
    /** Rows of a register tile; A and C are read and C is written in whole tiles. */
    static final int ROWS = 12;

    private static final int THIRD = ROWS / 3;

    /** Vectors across a full panel; the last panel of an odd number of vectors is one vector wide. */
    static final int PANEL = 2;

    private static final long VECTOR = 4L * LANES;
    /** Bytes of a register tile. */
    static final long TILE = ROWS * PANEL * VECTOR;

    /** Rows are less than 16 MiB apart, from which C2 learns that offsets from a base never overflow. */
    private static final long ROW_MASK = 0xffffffL;

    private StridedGemm() {}

    /** Vectors that hold n columns. */
    static int vectors(int n) {
        return (n + LANES - 1) / LANES;
    }

    /** {@code rows} rounded up to whole register tiles. */
    static int padded(int rows) {
        return (rows + ROWS - 1) / ROWS * ROWS;
    }

    /** Bytes of a packed B: {@code k} rows of {@code vectors} vectors. */
    static long bytes(int k, int vectors) {
        return VECTOR * k * vectors;
    }

    /** Offset of element [i][j] of a packed B, bytes; the following columns of its vector come after it. */
    static long offset(int i, int j, int k, int vectors) {
        int vector = j / LANES, first = vector / PANEL * PANEL, width = Math.min(PANEL, vectors - first);
        return VECTOR * ((long) first * k + (long) i * width + vector - first) + 4L * (j % LANES);
    }

    /**
     * {@code C[rows][vectors * LANES] += A[rows][k] · B}.
     *
     * @param rows    A and C have {@link #padded} rows; those beyond are computed and mean nothing
     * @param aRow    bytes from a row of A to the next, less than 16 MiB
     * @param aColumn bytes from a column of A to the next: 4, or A is the transpose of what lies in memory
     * @param cRow    bytes from a row of C to the next
     * @param tile    scratch of {@link #TILE} bytes
     */
    static void multiply(
            long a, long aRow, long aColumn, int rows, long b, int k, int vectors, long c, long cRow, long tile) {
        for (int v = 0; v < vectors; v += PANEL) {
            int width = Math.min(PANEL, vectors - v);
            panel(a, aRow, aColumn, rows, b + VECTOR * v * k, width * VECTOR, k, width, c + VECTOR * v, cRow, tile);
        }
    }

    /** As {@link #multiply} with the k rows of B where they lie, {@code bRow} bytes apart, each of {@code vectors}. */
    static void multiplyRows(
            long a,
            long aRow,
            long aColumn,
            int rows,
            long b,
            long bRow,
            int k,
            int vectors,
            long c,
            long cRow,
            long tile) {
        for (int v = 0; v < vectors; v += PANEL)
            panel(
                    a,
                    aRow,
                    aColumn,
                    rows,
                    b + VECTOR * v,
                    bRow,
                    k,
                    Math.min(PANEL, vectors - v),
                    c + VECTOR * v,
                    cRow,
                    tile);
    }

    private static void panel(
            long a,
            long aRow,
            long aColumn,
            int rows,
            long b,
            long bRow,
            int k,
            int width,
            long c,
            long cRow,
            long tile) {
        for (int r = 0; r < rows; r += ROWS) {
            if (width == 2 && Simd.SIXTEEN_REGISTERS)
                for (int i = 0; i < ROWS; i += THIRD)
                    third(a + (r + i) * aRow, aRow, aColumn, b, bRow, k, tile + i * PANEL * VECTOR);
            else if (width == 2) wide(a + r * aRow, aRow, aColumn, b, bRow, k, tile);
            else narrow(a + r * aRow, aRow, aColumn, b, bRow, k, tile);
            add(tile, width, c + r * cRow, cRow);
        }
    }

    /** Adds a tile of products to C. */
    private static void add(long tile, int width, long c, long cRow) {
        for (int r = 0; r < ROWS; r++)
            for (int v = 0; v < width; v++, tile += VECTOR) {
                long target = c + r * cRow + v * VECTOR;
                Simd.store(Simd.load(target).add(Simd.load(tile)), target);
            }
    }

    /**
     * {@link #THIRD} rows, which is what 16 registers carry: of six C2 spills two accumulators, since it loads several
     * rows ahead. The loop is no counted one ({@link Simd#floatStep}).
     */
    private static void third(long a, long aRow, long aColumn, long b, long bRow, int k, long tile) {
        long next = Simd.floatStep, end = k * next;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c1a = zero, c1b = zero, c2a = zero, c2b = zero, c3a = zero, c3b = zero;
        long row = aRow & ROW_MASK;
        for (long i = 0; i < end; i += next, a += aColumn, b += bRow) {
            long p = a & MASK, panel = b & MASK;
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
        }
        tile &= MASK;
        c0a.intoMemorySegment(ALL, tile, ORDER);
        c0b.intoMemorySegment(ALL, tile + VECTOR, ORDER);
        c1a.intoMemorySegment(ALL, tile + 2 * VECTOR, ORDER);
        c1b.intoMemorySegment(ALL, tile + 3 * VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, tile + 4 * VECTOR, ORDER);
        c2b.intoMemorySegment(ALL, tile + 5 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, tile + 6 * VECTOR, ORDER);
        c3b.intoMemorySegment(ALL, tile + 7 * VECTOR, ORDER);
    }

    private static void wide(long a, long aRow, long aColumn, long b, long bRow, int k, long tile) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0a = zero, c0b = zero, c1a = zero, c1b = zero, c2a = zero, c2b = zero, c3a = zero, c3b = zero;
        FloatVector c4a = zero, c4b = zero, c5a = zero, c5b = zero, c6a = zero, c6b = zero, c7a = zero, c7b = zero;
        FloatVector c8a = zero, c8b = zero, c9a = zero, c9b = zero, c10a = zero, c10b = zero, c11a = zero, c11b = zero;
        long row = aRow & ROW_MASK;
        for (int i = 0; i < k; i++) {
            long p = a + i * aColumn & MASK, q = p + 6 * row & MASK, panel = b + i * bRow & MASK;
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
        tile &= MASK;
        c0a.intoMemorySegment(ALL, tile, ORDER);
        c0b.intoMemorySegment(ALL, tile + VECTOR, ORDER);
        c1a.intoMemorySegment(ALL, tile + 2 * VECTOR, ORDER);
        c1b.intoMemorySegment(ALL, tile + 3 * VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, tile + 4 * VECTOR, ORDER);
        c2b.intoMemorySegment(ALL, tile + 5 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, tile + 6 * VECTOR, ORDER);
        c3b.intoMemorySegment(ALL, tile + 7 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, tile + 8 * VECTOR, ORDER);
        c4b.intoMemorySegment(ALL, tile + 9 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, tile + 10 * VECTOR, ORDER);
        c5b.intoMemorySegment(ALL, tile + 11 * VECTOR, ORDER);
        c6a.intoMemorySegment(ALL, tile + 12 * VECTOR, ORDER);
        c6b.intoMemorySegment(ALL, tile + 13 * VECTOR, ORDER);
        c7a.intoMemorySegment(ALL, tile + 14 * VECTOR, ORDER);
        c7b.intoMemorySegment(ALL, tile + 15 * VECTOR, ORDER);
        c8a.intoMemorySegment(ALL, tile + 16 * VECTOR, ORDER);
        c8b.intoMemorySegment(ALL, tile + 17 * VECTOR, ORDER);
        c9a.intoMemorySegment(ALL, tile + 18 * VECTOR, ORDER);
        c9b.intoMemorySegment(ALL, tile + 19 * VECTOR, ORDER);
        c10a.intoMemorySegment(ALL, tile + 20 * VECTOR, ORDER);
        c10b.intoMemorySegment(ALL, tile + 21 * VECTOR, ORDER);
        c11a.intoMemorySegment(ALL, tile + 22 * VECTOR, ORDER);
        c11b.intoMemorySegment(ALL, tile + 23 * VECTOR, ORDER);
    }

    private static void narrow(long a, long aRow, long aColumn, long b, long bRow, int k, long tile) {
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
        long row = aRow & ROW_MASK;
        for (int i = 0; i < k; i++) {
            long p = a + i * aColumn & MASK, q = p + 6 * row & MASK, panel = b + i * bRow & MASK;
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
        tile &= MASK;
        c0a.intoMemorySegment(ALL, tile, ORDER);
        c1a.intoMemorySegment(ALL, tile + VECTOR, ORDER);
        c2a.intoMemorySegment(ALL, tile + 2 * VECTOR, ORDER);
        c3a.intoMemorySegment(ALL, tile + 3 * VECTOR, ORDER);
        c4a.intoMemorySegment(ALL, tile + 4 * VECTOR, ORDER);
        c5a.intoMemorySegment(ALL, tile + 5 * VECTOR, ORDER);
        c6a.intoMemorySegment(ALL, tile + 6 * VECTOR, ORDER);
        c7a.intoMemorySegment(ALL, tile + 7 * VECTOR, ORDER);
        c8a.intoMemorySegment(ALL, tile + 8 * VECTOR, ORDER);
        c9a.intoMemorySegment(ALL, tile + 9 * VECTOR, ORDER);
        c10a.intoMemorySegment(ALL, tile + 10 * VECTOR, ORDER);
        c11a.intoMemorySegment(ALL, tile + 11 * VECTOR, ORDER);
    }
}
