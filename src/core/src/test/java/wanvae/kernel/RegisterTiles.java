package wanvae.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * Writes {@code GemmTile} and {@code StridedTile}: the register tiles of the two matrix products, each a method whose
 * accumulators are local variables and whose FMAs are written out, because anything shorter makes C2 box the vectors.
 * They differ in rows, vectors and loop only, so they come from one description.
 *
 * <p>{@code java src/core/src/test/java/wanvae/kernel/RegisterTiles.java} in the project's folder writes both files anew.
 * A test compares them with what this program makes.
 */
final class RegisterTiles {
    static final Path FOLDER = Path.of("src/core/src/main/java/wanvae/kernel");

    /** The registers of a tile, and the loop over k that goes with them. */
    private record Tile(String name, int rows, int vectors, boolean counted, String says) {
        private static final String COLUMNS = "ab";

        String accumulator(int row, int vector) {
            return "c" + row + COLUMNS.charAt(vector);
        }

        /** All accumulators, a line for each row. */
        void zeros(Source source, String indent) {
            source.line(indent, "FloatVector zero = FloatVector.zero(SPECIES);");
            for (int r = 0; r < rows; r++) {
                StringJoiner names = new StringJoiner(" = zero, ", "FloatVector ", " = zero;");
                for (int v = 0; v < vectors; v++) names.add(accumulator(r, v));
                source.line(indent, names.toString());
            }
        }

        /** The vectors of one row of B at {@code address}. */
        void load(Source source, String indent, String address) {
            for (int v = 0; v < vectors; v++)
                source.line(
                        indent,
                        "FloatVector b%c = FloatVector.fromMemorySegment(SPECIES, ALL, %s, ORDER);"
                                .formatted(COLUMNS.charAt(v), sum(address, v, "VECTOR")));
        }

        /** One value of each row of A, times the vectors of B. */
        void multiply(Source source, String indent, List<String> values) {
            for (int r = 0; r < rows; r++) {
                source.line(
                        indent,
                        "%sx = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, %s));"
                                .formatted(r == 0 ? "FloatVector " : "", values.get(r)));
                for (int v = 0; v < vectors; v++)
                    source.line(indent, "%1$s = x.fma(b%2$c, %1$s);".formatted(accumulator(r, v), COLUMNS.charAt(v)));
            }
        }

        void store(Source source, String indent, String address) {
            for (int r = 0; r < rows; r++)
                for (int v = 0; v < vectors; v++)
                    source.line(
                            indent,
                            "%s.intoMemorySegment(ALL, %s, ORDER);"
                                    .formatted(accumulator(r, v), sum(address, r * vectors + v, "VECTOR")));
        }

        /** {@code address + times * step}. */
        static String sum(String address, int times, String step) {
            return switch (times) {
                case 0 -> address;
                case 1 -> address + " + " + step;
                default -> address + " + " + times + " * " + step;
            };
        }
    }

    /** A class that is being written. */
    private static final class Source {
        private final StringBuilder text = new StringBuilder();

        void line(String indent, String line) {
            text.append(line.isEmpty() ? "" : indent).append(line).append('\n');
        }

        void lines(String lines) {
            text.append(lines);
        }
    }

    private static final String UNCOUNTED = "Its inner loop is no counted one ({@link Simd#floatStep}).";
    private static final String BODY = "        ", LOOP = BODY + "    ", INNER = LOOP + "    ";

    private RegisterTiles() {}

    public static void main(String[] args) throws IOException {
        for (var file : files().entrySet()) Files.writeString(FOLDER.resolve(file.getKey()), file.getValue());
    }

    /** The text of each file by its name. */
    static Map<String, String> files() {
        return Map.of("GemmTile.java", gemm(), "StridedTile.java", strided());
    }

    private static void header(Source source, boolean packed, String says) {
        source.lines("""
                package wanvae.kernel;

                import static wanvae.kernel.Simd.ALL;
                import static wanvae.kernel.Simd.FLOAT;
                """);
        if (packed) source.lines("import static wanvae.kernel.Simd.INT;\n");
        source.lines("""
                import static wanvae.kernel.Simd.LANES;
                import static wanvae.kernel.Simd.MASK;
                import static wanvae.kernel.Simd.ORDER;
                import static wanvae.kernel.Simd.SPECIES;

                import jdk.incubator.vector.FloatVector;

                """);
        source.lines(says);
    }

    /** A is packed in blocks, B and C are panels. */
    private static String gemm() {
        Source source = new Source();
        header(source, true, """
                /** The register tiles of {@link Gemm}. Generated by {@code RegisterTiles} among the tests, not edited by hand. */
                final class GemmTile {
                    private static final int BLOCK = Gemm.BLOCK;
                    private static final long VECTOR = 4L * LANES, ROW = 4L * BLOCK;

                    private GemmTile() {}
                """);
        for (Tile tile : List.of(
                new Tile("rows12", 12, 2, true, "Twelve rows of two vectors: 24 accumulators."),
                new Tile("rows6", 6, 2, false, "Six rows of two vectors: 12 accumulators. " + UNCOUNTED),
                new Tile("narrow12", 12, 1, true, "Twelve rows of one vector: 12 accumulators."))) gemm(source, tile);
        source.line("", "}");
        return source.text.toString();
    }

    private static void gemm(Source source, Tile tile) {
        String width = tile.vectors == 1 ? "" : tile.vectors + " * ";
        source.line("", "");
        source.line("    ", "/** " + tile.says + " */");
        source.line(
                "    ",
                "static int " + tile.name + "(long a, long aStep, long b, int k, long c, long ahead, int step) {");
        source.line(BODY, "c &= MASK;");
        source.line(BODY, "int read = 0;");
        if (!tile.counted) source.line(BODY, "long next = Simd.floatStep;");
        tile.zeros(source, BODY);
        source.line(
                BODY,
                "for (int j = 0; j < k; j += BLOCK, a += aStep, b += " + width
                        + "BLOCK * VECTOR, ahead += BLOCK * step) {");
        // One integer for eight steps of k of twelve rows.
        source.line(
                LOOP,
                "read ^= ALL.get(INT, ahead & MASK)"
                        + (tile.rows == 12 ? " ^ ALL.get(INT, ahead + BLOCK / 2 * step & MASK);" : ";"));
        if (tile.counted) {
            source.line(LOOP, "for (int i = 0; i < BLOCK; i++) {");
            String vectors = tile.vectors == 1 ? "VECTOR" : "(" + tile.vectors + " * VECTOR)";
            source.line(INNER, "long ap = a + i * 4L & MASK, bp = b + i * " + vectors + " & MASK;");
        } else {
            source.line(LOOP, "for (long i = 0; i < ROW; i += next) {");
            source.line(INNER, "long ap = a + i & MASK, bp = b + i * (" + tile.vectors + " * LANES) & MASK;");
        }
        tile.load(source, INNER, "bp");
        tile.multiply(
                source,
                INNER,
                IntStream.range(0, tile.rows)
                        .mapToObj(r -> Tile.sum("ap", r, "ROW"))
                        .toList());
        source.line(LOOP, "}");
        source.line(BODY, "}");
        tile.store(source, BODY, "c");
        source.line(BODY, "return read;");
        source.line("    ", "}");
    }

    /** The rows of A, B and C lie any distance apart; the products go to a tile of scratch. */
    private static String strided() {
        Source source = new Source();
        header(source, false, """
                /**
                 * The register tiles of {@link StridedGemm}. Generated by {@code RegisterTiles} among the tests, not edited by hand.
                 */
                final class StridedTile {
                    private static final long VECTOR = 4L * LANES;

                    /** Rows are less than 16 MiB apart, from which C2 learns that offsets from a base never overflow. */
                    private static final long ROW_MASK = 0xffffffL;

                    private StridedTile() {}
                """);
        for (Tile tile : List.of(
                new Tile("rows12", 12, 2, true, "Twelve rows of two vectors: 24 accumulators."),
                new Tile("rows4", 4, 2, false, "Four rows of two vectors: 8 accumulators. " + UNCOUNTED),
                new Tile("narrow12", 12, 1, true, "Twelve rows of one vector: 12 accumulators.")))
            strided(source, tile);
        source.line("", "}");
        return source.text.toString();
    }

    /** Rows behind one masked address. */
    private static final int ROWS_OF_BASE = 6;

    private static void strided(Source source, Tile tile) {
        source.line("", "");
        source.line("    ", "/** " + tile.says + " */");
        source.line(
                "    ",
                "static void " + tile.name
                        + "(long a, long aRow, long aColumn, long b, long bRow, int k, long tile) {");
        if (!tile.counted) source.line(BODY, "long next = Simd.floatStep, end = k * next;");
        tile.zeros(source, BODY);
        source.line(BODY, "long row = aRow & ROW_MASK;");
        boolean two = tile.rows > ROWS_OF_BASE;
        if (tile.counted) {
            source.line(BODY, "for (int i = 0; i < k; i++) {");
            source.line(
                    LOOP,
                    "long p = a + i * aColumn & MASK" + (two ? ", q = p + " + ROWS_OF_BASE + " * row & MASK" : "")
                            + ", panel = b + i * bRow & MASK;");
        } else {
            source.line(BODY, "for (long i = 0; i < end; i += next, a += aColumn, b += bRow) {");
            source.line(LOOP, "long p = a & MASK, panel = b & MASK;");
        }
        tile.load(source, LOOP, "panel");
        tile.multiply(
                source,
                LOOP,
                IntStream.range(0, tile.rows)
                        .mapToObj(r -> Tile.sum(r < ROWS_OF_BASE ? "p" : "q", r % ROWS_OF_BASE, "row"))
                        .toList());
        source.line(BODY, "}");
        source.line(BODY, "tile &= MASK;");
        tile.store(source, BODY, "tile");
        source.line("    ", "}");
    }
}
