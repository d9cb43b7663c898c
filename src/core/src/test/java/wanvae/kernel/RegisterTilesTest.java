package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RegisterTilesTest {
    @Test
    void sourcesAreWhatTheGeneratorWrites() throws IOException {
        Path project = Path.of("").toAbsolutePath();
        while (!Files.exists(project.resolve(RegisterTiles.FOLDER))) project = project.getParent();
        for (var file : RegisterTiles.files().entrySet())
            assertEquals(
                    file.getValue(),
                    Files.readString(project.resolve(RegisterTiles.FOLDER).resolve(file.getKey())),
                    "java src/core/src/test/java/wanvae/kernel/RegisterTiles.java writes " + file.getKey() + " anew");
    }

    /** All tiles on every machine, also those that its number of registers leaves out. */
    @Test
    @Tag("arithmetic")
    void packedTilesAreChainsOfFusedMultiplyAdds() {
        for (int k : new int[] {16, 48, 112}) {
            packed(k, 12, 2, GemmTile::rows12);
            packed(k, 6, 2, GemmTile::rows6);
            packed(k, 12, 1, GemmTile::narrow12);
        }
    }

    @Test
    @Tag("arithmetic")
    void stridedTilesAreChainsOfFusedMultiplyAdds() {
        for (int k : new int[] {1, 2, 7, 48}) {
            strided(k, 12, 2, StridedTile::rows12);
            strided(k, 4, 2, StridedTile::rows4);
            strided(k, 12, 1, StridedTile::narrow12);
        }
    }

    private interface Packed {
        int multiply(long a, long aStep, long b, int k, long c, long ahead, int step);
    }

    private interface Strided {
        void multiply(long a, long aRow, long aColumn, long b, long bRow, int k, long tile);
    }

    private static void packed(int k, int rows, int vectors, Packed tile) {
        int width = vectors * Simd.LANES, block = Gemm.BLOCK, step = 12 * block + 16;
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(k);
            MemorySegment a = values(arena, random, k / block * step), b = values(arena, random, k * width);
            MemorySegment c = values(arena, random, rows * width);
            tile.multiply(a.address(), 4L * step, b.address(), k, c.address(), b.address(), 0);
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < width; column++) {
                    float sum = 0;
                    for (int i = 0; i < k; i++)
                        sum = Math.fma(
                                at(a, i / block * step + row * block + i % block), at(b, i * width + column), sum);
                    assertEquals(sum, at(c, row * width + column), rows + "x" + vectors + ", K = " + k);
                }
        }
    }

    private static void strided(int k, int rows, int vectors, Strided tile) {
        int width = vectors * Simd.LANES, aRow = 2 * k + 3, aColumn = 2, bRow = width + 5;
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(k);
            MemorySegment a = values(arena, random, rows * aRow), b = values(arena, random, k * bRow);
            MemorySegment c = values(arena, random, rows * width);
            tile.multiply(a.address(), 4L * aRow, 4L * aColumn, b.address(), 4L * bRow, k, c.address());
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < width; column++) {
                    float sum = 0;
                    for (int i = 0; i < k; i++)
                        sum = Math.fma(at(a, row * aRow + i * aColumn), at(b, i * bRow + column), sum);
                    assertEquals(sum, at(c, row * width + column), rows + "x" + vectors + ", K = " + k);
                }
        }
    }

    private static MemorySegment values(Arena arena, Random random, int count) {
        MemorySegment values = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        return values;
    }

    private static float at(MemorySegment values, int index) {
        return values.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }
}
