package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/**
 * Matrix product on rows where they lie: {@code C += A · B}. The rows of A and C may be any distance apart; B is packed
 * in panels or lies in rows too.
 *
 * <p>A panel is {@code [K][width]}, two vectors wide. Where there are 32 registers, they hold the accumulators of
 * {@link #ROWS} rows. Where there are 16, they hold those of a third of these: with six rows, C2 would spill two
 * accumulators, since it loads several rows ahead. Each element of the product is one chain of FMAs with k ascending,
 * whatever the tile, and is then added to C, so results do not depend on blocking.
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
     * @param rows    rows of the product. A and C have {@link #padded} rows; those beyond are computed and mean nothing
     * @param aRow    bytes from a row of A to the next, less than 16 MiB
     * @param aColumn bytes from a column of A to the next: 4, or more where A is the transpose of what lies in memory
     * @param cRow    bytes from a row of C to the next
     * @param tile    scratch of {@link #TILE} bytes
     */
    static void multiply(
            long a, long aRow, long aColumn, int rows, long b, int k, int vectors, long c, long cRow, long tile) {
        panels(a, aRow, aColumn, rows, b, k, vectors, c, cRow, tile, true);
    }

    /** As {@link #multiply}, but overwrites C. */
    static void multiplyTo(
            long a, long aRow, long aColumn, int rows, long b, int k, int vectors, long c, long cRow, long tile) {
        panels(a, aRow, aColumn, rows, b, k, vectors, c, cRow, tile, false);
    }

    private static void panels(
            long a,
            long aRow,
            long aColumn,
            int rows,
            long b,
            int k,
            int vectors,
            long c,
            long cRow,
            long tile,
            boolean adds) {
        for (int v = 0; v < vectors; v += PANEL) {
            int width = Math.min(PANEL, vectors - v);
            long panel = b + VECTOR * v * k, to = c + VECTOR * v;
            panel(a, aRow, aColumn, rows, panel, width * VECTOR, k, width, to, cRow, tile, adds);
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
                    tile,
                    true);
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
            long tile,
            boolean adds) {
        for (int r = 0; r < rows; r += ROWS) {
            if (width == 2 && Simd.SIXTEEN_REGISTERS)
                for (int i = 0; i < ROWS; i += THIRD)
                    StridedTile.rows4(a + (r + i) * aRow, aRow, aColumn, b, bRow, k, tile + i * PANEL * VECTOR);
            else if (width == 2) StridedTile.rows12(a + r * aRow, aRow, aColumn, b, bRow, k, tile);
            else StridedTile.narrow12(a + r * aRow, aRow, aColumn, b, bRow, k, tile);
            if (adds) add(tile, width, c + r * cRow, cRow);
            else
                for (int i = 0; i < ROWS; i++)
                    Border.copy(tile + i * width * VECTOR, c + (r + i) * cRow, width * VECTOR);
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
}
