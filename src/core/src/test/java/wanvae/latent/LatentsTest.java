package wanvae.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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
            Latents streamed = Latents.read(new ByteArrayInputStream(file), Optional.empty(), "standard input", folder);
            assertValues(SHAPE, streamed);
            assertEquals("standard input", streamed.name());
        }
        String message = assertThrows(
                        FormatException.class,
                        () -> Latents.read(
                                new ByteArrayInputStream(new byte[5]), Optional.empty(), "standard input", folder))
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
            var shape = new LatentShape(1, 10, 1, 10, 10);
            assertEquals(OptionalLong.empty(), Latents.of(shape, values).firstNonfinite());
            values[999] = bad;
            assertEquals(OptionalLong.of(999), Latents.of(shape, values).firstNonfinite());
            values[17] = bad;
            assertEquals(OptionalLong.of(17), Latents.of(shape, values).firstNonfinite());
        }
    }

    /** Memory of every kind that holds the values. */
    private static List<Supplier<Latents>> copies(Arena arena) {
        MemorySegment heap = MemorySegment.ofArray(values()),
                odd = arena.allocate(49).asSlice(1),
                bytes = MemorySegment.ofArray(heap.toArray(ValueLayout.JAVA_BYTE));
        odd.copyFrom(heap);
        FloatBuffer swapped = ByteBuffer.allocate(60)
                .order(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
                .asFloatBuffer();
        swapped.position(2).put(values()).position(2).limit(14);
        return List.of(
                () -> Latents.of(SHAPE, values()),
                () -> Latents.of(SHAPE, heap),
                () -> Latents.of(SHAPE, heap.asReadOnly()),
                () -> Latents.of(SHAPE, odd),
                () -> Latents.of(SHAPE, bytes),
                () -> Latents.of(SHAPE, FloatBuffer.wrap(values()).asReadOnlyBuffer()),
                () -> Latents.of(
                        SHAPE, odd.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer()),
                () -> Latents.of(SHAPE, swapped));
    }

    @Test
    void copiesMemoryOfEveryKind() {
        try (Arena arena = Arena.ofConfined()) {
            for (Supplier<Latents> copy : copies(arena)) {
                assertValues(SHAPE, copy.get());
                assertValues(SHAPE, copy.get()); // a buffer's position has stayed
                assertTrue(copy.get().values().isReadOnly());
            }
        }
        float[] mine = values();
        Latents latents = Latents.of(SHAPE, mine);
        mine[0] = 77;
        assertValues(SHAPE, latents);
        assertEquals("latents", latents.name());
        assertEquals("mine [1, 2, 1, 3, 2]", latents.withName("mine").toString());
        assertFalse(latents.raw().withName("mine").normalized());
    }

    @Test
    void refusesMemoryOfAnotherSize() {
        for (int count : new int[] {0, 11, 13}) {
            String expected = "Latents of [1, 2, 1, 3, 2] are 12 values of 4 bytes, not " + 4 * count + " bytes.";
            float[] values = new float[count];
            for (Executable refused : List.<Executable>of(
                    () -> Latents.of(SHAPE, values),
                    () -> Latents.of(SHAPE, MemorySegment.ofArray(values)),
                    () -> Latents.of(SHAPE, FloatBuffer.wrap(values))))
                assertEquals(
                        expected,
                        assertThrows(IllegalArgumentException.class, refused).getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> Latents.of(SHAPE, MemorySegment.ofArray(new byte[47])));
    }

    /** One exception, whoever owned the memory. */
    @Test
    void refusesMemoryThatIsGoneOrAnotherThreads() throws InterruptedException {
        for (Arena arena : new Arena[] {Arena.ofConfined(), Arena.ofShared()}) {
            MemorySegment memory = arena.allocate(48);
            FloatBuffer buffer = memory.asByteBuffer().asFloatBuffer();
            arena.close();
            for (Executable refused :
                    List.<Executable>of(() -> Latents.of(SHAPE, memory), () -> Latents.of(SHAPE, buffer)))
                assertEquals(
                        "The memory of the latents was freed.",
                        assertThrows(IllegalArgumentException.class, refused).getMessage());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(48);
            FloatBuffer buffer = memory.asByteBuffer().asFloatBuffer();
            List<String> messages = new ArrayList<>();
            Thread other = new Thread(() -> {
                for (Executable refused :
                        List.<Executable>of(() -> Latents.of(SHAPE, memory), () -> Latents.of(SHAPE, buffer)))
                    messages.add(assertThrows(IllegalArgumentException.class, refused)
                            .getMessage());
            });
            other.start();
            other.join();
            assertEquals(Collections.nCopies(2, "The memory of the latents is confined to another thread."), messages);
        }
    }

    @Test
    void shapesHaveSizesAndFitInMemory() {
        assertEquals(1L << 60, new LatentShape(1 << 30, 1, 1 << 30, 1, 1).elements());
        for (int[] s : new int[][] {
            {0, 1, 1, 1, 1},
            {1, -1, 1, 1, 1},
            {1, 1, 0, 1, 1},
            {1, 1, 1, Integer.MIN_VALUE, 1},
            {1, 1, 1, 1, 0},
            {1 << 30, 2, 1 << 30, 1, 1},
            {1 << 30, 1 << 30, 1 << 30, 1 << 30, 1 << 30},
            {65536, 65536, 65536, 65536, 1}
        }) assertThrows(IllegalArgumentException.class, () -> new LatentShape(s[0], s[1], s[2], s[3], s[4]));
    }

    @Test
    void someFrames() {
        LatentShape shape = new LatentShape(2, 3, 5, 1, 2);
        float[] values = new float[60];
        for (int i = 0; i < 60; i++) values[i] = i;
        Latents some = Latents.of(shape, values).raw().frames(1, 4);
        assertEquals(new LatentShape(2, 3, 3, 1, 2), some.shape());
        assertFalse(some.normalized());
        for (int i = 0; i < 36; i++)
            assertEquals(i / 6 * 10 + 2 + i % 6, some.values().getAtIndex(ValueLayout.JAVA_FLOAT, i));
        for (int[] range : new int[][] {{-1, 2}, {2, 2}, {3, 1}, {0, 6}, {5, 6}})
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Latents.of(shape, values).frames(range[0], range[1]));
    }
}
