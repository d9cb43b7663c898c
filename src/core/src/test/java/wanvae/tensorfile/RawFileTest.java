package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawFileTest {
    @TempDir
    Path folder;

    @Test
    void readsWhatTheCallerSaysItIs() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[] {0, 0x3c, 0, (byte) 0xc0, 1, 2}); // 1, -2
        try (TensorFile raw = TensorFile.raw(file, "the body", DType.F16, 3, 1)) {
            assertEquals(
                    Map.of(NpyFile.TENSOR, new TensorInfo(NpyFile.TENSOR, DType.F16, new long[] {3, 1})),
                    raw.tensors());
            var read = new float[2];
            raw.read(NpyFile.TENSOR, 0, MemorySegment.ofArray(read));
            assertArrayEquals(new float[] {1, -2}, read);
        }
        try (TensorFile raw = TensorFile.raw(file, "the body", DType.U8, 2, 3)) {
            var read = new float[6];
            raw.read(NpyFile.TENSOR, MemorySegment.ofArray(read));
            assertArrayEquals(new float[] {0, 60, 0, 192, 1, 2}, read);
        }
    }

    @Test
    void refusesAnotherSizeAndNoShape() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[8]);
        FormatException size =
                assertThrows(FormatException.class, () -> TensorFile.raw(file, "the body", DType.F32, 3));
        assertEquals("the body: has 8 bytes, expected 12 for array F32[3]", size.getMessage());
        for (long[] shape : new long[][] {{-2, -1}, {Long.MAX_VALUE, 4}, {1L << 62}})
            assertThrows(FormatException.class, () -> TensorFile.raw(file, "the body", DType.F32, shape));
    }
}
