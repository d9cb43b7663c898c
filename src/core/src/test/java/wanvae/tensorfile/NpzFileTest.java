package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzFileTest {
    private static final String FLOATS = "{'descr': '<f4', 'fortran_order': %s, 'shape': (%s), }\n";

    @TempDir
    Path folder;

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("a.npz"), bytes));
    }

    private void refused(String sentence, byte[] bytes) {
        String message =
                assertThrows(FormatException.class, () -> open(bytes).close()).getMessage();
        assertTrue(message.contains(sentence) && message.startsWith(folder.toString()), message);
    }

    private static byte[] array(boolean fortran, String shape, float... values) {
        return TestFiles.npy(1, FLOATS.formatted(fortran ? "True" : "False", shape), TestFiles.floats(values));
    }

    private static float[] read(TensorFile file, String tensor, long first, int count) throws IOException {
        var values = new float[count];
        file.read(tensor, first, MemorySegment.ofArray(values));
        return values;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void storedAndCompressed(boolean compressed) throws IOException {
        var ramp = new float[100_000];
        for (int i = 0; i < ramp.length; i++) ramp[i] = i * 0.37f;
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("latents.npy", array(false, "2, 50000", ramp));
        entries.put("turned.npy", array(true, "2, 3", 1, 4, 2, 5, 3, 6));
        entries.put(
                "frames.npy",
                TestFiles.npy(
                        1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", new byte[] {1, (byte) 200}));
        entries.put(
                "words.npy", TestFiles.npy(1, "{'descr': '|O', 'fortran_order': False, 'shape': (9,)}", new byte[4]));
        entries.put("read.me", new byte[3]);
        try (TensorFile file = open(TestFiles.zip(entries, compressed))) {
            assertEquals(
                    List.of("latents", "turned"), List.copyOf(file.tensors().keySet()));
            assertEquals(List.of("frames"), List.copyOf(file.integers().keySet()));
            assertEquals(Map.of("words", "'|O'"), file.unreadable());
            var all = new float[ramp.length];
            file.read("latents", MemorySegment.ofArray(all));
            assertArrayEquals(ramp, all);
            for (int first : new int[] {0, 1, 99_990, 17, 60_000, 60_000, 60_003})
                assertArrayEquals(new float[] {ramp[first], ramp[first + 1]}, read(file, "latents", first, 2));
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read(file, "turned", 0, 6));
            assertArrayEquals(new float[] {200}, read(file, "frames", 1, 1));
        }
    }

    @Test
    void damagedArchives() throws IOException {
        byte[] sound = TestFiles.zip(Map.of("a.npy", array(false, "6", 1, 2, 3, 4, 5, 6)), true);
        refused("is no .npy file", TestFiles.zip(Map.of("a.npy", new byte[100]), true));
        refused("is no .npy file", TestFiles.zip(Map.of("a.npy", new byte[0]), false));
        refused("no directory at its end", Arrays.copyOf(sound, sound.length - 5));
        int central = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getInt(sound.length - 22 + 16);
        refused("cannot hold", with(sound, central + 24, Integer.MAX_VALUE));
        refused("method 12", with(sound, central + 10, 12));
        refused("damaged", with(sound, 30 + "a.npy".length(), -1));
        try (TensorFile file = open(with(sound, central + 16, 0))) {
            assertTrue(assertThrows(FormatException.class, () -> read(file, "a", 0, 6))
                    .getMessage()
                    .contains("do not match their checksum"));
        }
        byte[] shorter = with(sound, central + 24, 500);
        try (TensorFile file = open(shorter)) { // claims more than there is, and what is described is there
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read(file, "a", 0, 6));
        }
        byte[] longer = TestFiles.zip(Map.of("a.npy", array(false, "600", 1, 2, 3, 4, 5, 6)), true);
        central = ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).getInt(longer.length - 22 + 16);
        try (TensorFile file = open(with(longer, central + 24, 5000))) {
            assertTrue(assertThrows(FormatException.class, () -> read(file, "a", 0, 600))
                    .getMessage()
                    .contains("ends too early"));
        }
    }

    private static byte[] with(byte[] bytes, int position, int value) {
        return ByteBuffer.wrap(bytes.clone())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(position, value)
                .array();
    }
}
