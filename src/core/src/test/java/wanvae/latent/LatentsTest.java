package wanvae.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TestFiles;
import wanvae.tensorfile.TestFiles.Pickle;

class LatentsTest {
    private static final LatentShape SHAPE = new LatentShape(1, 2, 1, 3, 2);

    @TempDir
    Path folder;

    private static float[] values() {
        var values = new float[12];
        for (int i = 0; i < 12; i++) values[i] = i - 0.5f;
        return values;
    }

    private static void assertValues(LatentShape shape, Latents latents) {
        assertEquals(shape, latents.shape());
        assertTrue(latents.normalized());
        for (int i = 0; i < 12; i++) assertEquals(i - 0.5f, latents.values().getAtIndex(ValueLayout.JAVA_FLOAT, i));
        assertEquals(48, latents.values().byteSize());
        assertFalse(latents.raw().normalized());
    }

    private static byte[][] files() throws IOException {
        return new byte[][] {
            TestFiles.safetensors(Map.of("latents", values()), Map.of("latents", "1,2,1,3,2")),
            TestFiles.safetensors(Map.of("anything", values()), Map.of("anything", "2,1,3,2")),
            TestFiles.npy(
                    1,
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1, 3, 2), }\n",
                    TestFiles.floats(values())),
            TestFiles.npy(
                    2,
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3, 2), }\n",
                    TestFiles.floats(values())),
            TestFiles.torch(
                    new Pickle()
                            .tensor("FloatStorage", "0", 12, 0, new long[] {1, 2, 1, 3, 2}, new long[] {12, 6, 6, 2, 1})
                            .stop(),
                    values()),
            TestFiles.torch(
                    new Pickle()
                            .op('}')
                            .text("latents")
                            .tensor("FloatStorage", "0", 12, 0, new long[] {2, 1, 3, 2}, new long[] {6, 6, 2, 1})
                            .op('s')
                            .stop(),
                    values())
        };
    }

    @Test
    void everyFormatFromFileAndStream() throws IOException {
        for (byte[] file : files()) {
            assertValues(SHAPE, Latents.read(Files.write(folder.resolve("latents"), file)));
            Latents streamed = Latents.read(new ByteArrayInputStream(file), null, "standard input");
            assertValues(SHAPE, streamed);
            assertEquals("standard input", streamed.name());
        }
        String message = assertThrows(
                        FormatException.class,
                        () -> Latents.read(new ByteArrayInputStream(new byte[5]), null, "standard input"))
                .getMessage();
        assertTrue(message.startsWith("standard input: "), message);
    }

    @Test
    void choosesTheTensor() throws IOException {
        var tensors = new LinkedHashMap<String, float[]>();
        tensors.put("expected", new float[12]);
        tensors.put("other", values());
        var shapes = Map.of("expected", "1,2,1,3,2", "other", "1,2,1,3,2", "latents", "12");
        Path file = Files.write(folder.resolve("two.safetensors"), TestFiles.safetensors(tensors, shapes));
        assertValues(SHAPE, Latents.read(file, "other"));
        assertTrue(assertThrows(FormatException.class, () -> Latents.read(file))
                .getMessage()
                .contains("expected, other"));
        assertTrue(assertThrows(FormatException.class, () -> Latents.read(file, "missing"))
                .getMessage()
                .contains("no tensor missing"));
        tensors.put("latents", values());
        Files.write(file, TestFiles.safetensors(tensors, shapes));
        assertTrue(assertThrows(FormatException.class, () -> Latents.read(file))
                .getMessage()
                .contains("shape [12]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "3,2,2", "1,1,1,2,3,2", "0,2,1,3,2", "1,2,0,3,2", "1,2,1,0,2", "9999999999,0,1,1,1"})
    void shapesThatAreNoLatents(String shape) throws IOException {
        byte[] data = shape.contains("0") ? new byte[0] : new byte[48];
        String header = "{\"latents\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,%d]}}"
                .formatted(shape, data.length);
        Path file = Files.write(folder.resolve("a.safetensors"), TestFiles.safetensors(header, data));
        assertTrue(assertThrows(FormatException.class, () -> Latents.read(file))
                .getMessage()
                .contains("expected"));
    }

    @Test
    void integersAreRefusedByName() throws IOException {
        Path file = Files.write(
                folder.resolve("a.safetensors"),
                TestFiles.safetensors(
                        "{\"latents\":{\"dtype\":\"I32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}", new byte[4]));
        assertTrue(assertThrows(FormatException.class, () -> Latents.read(file))
                .getMessage()
                .contains("I32"));
    }

    @Test
    void findsTheFirstNonfiniteValue() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            var values = new float[1000];
            var latents = new Latents(new LatentShape(1, 10, 1, 10, 10), MemorySegment.ofArray(values), false, "x");
            assertEquals(-1, latents.firstNonfinite());
            values[999] = bad;
            assertEquals(999, latents.firstNonfinite());
            values[17] = bad;
            assertEquals(17, latents.firstNonfinite());
        }
    }
}
