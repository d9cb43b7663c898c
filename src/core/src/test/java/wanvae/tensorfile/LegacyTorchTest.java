package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.tensorfile.TestFiles.Pickle;

class LegacyTorchTest {
    private static final long[] TWO = {2};
    private static final long[] ONE = {1};

    @TempDir
    Path folder;

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("a.pth"), bytes));
    }

    private void refused(String sentence, byte[] bytes) {
        String message =
                assertThrows(FormatException.class, () -> open(bytes).close()).getMessage();
        assertTrue(message.contains(sentence) && message.startsWith(folder.toString()), message);
    }

    private static float[] read(TensorFile file, String tensor) throws IOException {
        var values = new float[(int) file.require(tensor).elements()];
        file.read(tensor, MemorySegment.ofArray(values));
        return values;
    }

    private static Pickle stateDict() {
        return new Pickle(true)
                .op('}')
                .text("state_dict")
                .op('}', '(')
                .text("b")
                .tensor("FloatStorage", "1", 3, 1, TWO, ONE)
                .text("a")
                .tensor("FloatStorage", "0", 2, 0, TWO, ONE)
                .op('u', 's');
    }

    @Test
    void tensorsAndStateDicts() throws IOException {
        byte[] alone =
                new Pickle(true).tensor("FloatStorage", "0", 2, 0, TWO, ONE).stop();
        try (TensorFile file = open(TestFiles.legacyTorch(alone, new float[] {1, 2}))) {
            assertArrayEquals(new float[] {1, 2}, read(file, TorchFile.TENSOR));
        }
        byte[] dict = TestFiles.legacyTorch(stateDict().stop(), new float[] {1, 2}, new float[] {3, 4, 5});
        try (TensorFile file = open(dict)) {
            assertEquals(
                    List.of("state_dict.b", "state_dict.a"),
                    List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new float[] {4, 5}, read(file, "state_dict.b"));
            assertArrayEquals(new float[] {1, 2}, read(file, "state_dict.a"));
        }
    }

    /** Before torch 0.4 a slice of a storage could be saved as a storage: key, offset and size behind the root's. */
    @Test
    void viewsOfStorages() throws IOException {
        var pickle = new Pickle()
                .global("torch._utils", "_rebuild_tensor")
                .op('(', '(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu")
                .number(5)
                .op('(')
                .text("view")
                .number(2)
                .number(3)
                .op('t', 't', 'Q')
                .number(1)
                .numbers(2)
                .numbers(1)
                .op('t', 'R');
        try (TensorFile file = open(TestFiles.legacyTorch(pickle.stop(), new float[] {1, 2, 3, 4, 5}))) {
            assertArrayEquals(new float[] {4, 5}, read(file, TorchFile.TENSOR));
        }
    }

    @Test
    void damagedFiles() throws IOException {
        byte[] sound = TestFiles.legacyTorch(stateDict().stop(), new float[] {1, 2}, new float[] {3, 4, 5});
        refused("has 3 elements where 3 are described and 11 bytes left", Arrays.copyOf(sound, sound.length - 1));
        refused("ends too early", Arrays.copyOf(sound, sound.length - 15));
        refused("does not end within it", Arrays.copyOf(sound, 60));
        refused("magic number", Arrays.copyOf(sound, 10));
        refused("no data", TestFiles.legacyTorch(stateDict().stop(), new float[] {1, 2}));
        refused(
                "lists a storage",
                TestFiles.legacyTorch(new Pickle(true).op('}').stop(), new float[] {1, 2}));
        refused(
                "has 3 elements where 2 are described",
                TestFiles.legacyTorch(stateDict().stop(), new float[] {1, 2, 3}, new float[] {3, 4, 5}));
        refused(
                "os.system",
                TestFiles.legacyTorch(new Pickle(true)
                        .global("os", "system")
                        .text("touch hacked")
                        .op(0x85, 'R')
                        .stop()));
        byte[] protocol = sound.clone();
        protocol[18] = 0;
        refused("protocol", protocol);
    }
}
