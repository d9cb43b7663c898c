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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    private static final int F32 = 0;
    private static final int F16 = 1;
    private static final int Q8_0 = 8;
    private static final int BF16 = 30;

    @TempDir
    Path folder;

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("a.gguf"), bytes));
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

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An entry of every type of metadata, then an array of texts and one of arrays. */
    private static byte[] metadata() {
        var parts = new byte[16][];
        int[] bytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
        for (int type = 0; type < 13; type++) {
            byte[] value = type == 8
                    ? TestFiles.ggufText("wan")
                    : type == 9
                            ? little(14)
                                    .putInt(3)
                                    .putLong(1)
                                    .putShort((short) 3)
                                    .array()
                            : new byte[bytes[type]];
            parts[type] = TestFiles.concat(
                    TestFiles.ggufText("key" + type), little(4).putInt(type).array(), value);
        }
        parts[13] = TestFiles.concat(
                TestFiles.ggufText("texts"),
                little(16).putInt(9).putInt(8).putLong(2).array(),
                TestFiles.ggufText("a"),
                TestFiles.ggufText("b"));
        parts[14] = TestFiles.concat(
                TestFiles.ggufText("arrays"),
                little(16).putInt(9).putInt(9).putLong(1).array(),
                little(12).putInt(4).putLong(0).array());
        parts[15] = TestFiles.concat(
                TestFiles.ggufText("general.alignment"),
                little(8).putInt(4).putInt(32).array());
        return TestFiles.concat(parts);
    }

    @Test
    void typesAndShapes() throws IOException {
        byte[] tensors = TestFiles.concat(
                TestFiles.ggufTensor("f32", F32, 0, 3, 2),
                TestFiles.ggufTensor("f16", F16, 32, 1, 2),
                TestFiles.ggufTensor("bf16", BF16, 64, 1),
                TestFiles.ggufTensor("q", Q8_0, 96, 32, 2),
                TestFiles.ggufTensor("q4", 12, 192, 256));
        ByteBuffer data = little(320);
        for (int i = 0; i < 6; i++) data.putFloat(4 * i, i + 0.25f);
        data.putShort(32, Float.floatToFloat16(1.5f)).putShort(34, Float.floatToFloat16(-2));
        data.putShort(64, (short) 0x4040);
        for (int row = 0; row < 2; row++) {
            data.putShort(96 + 34 * row, Float.floatToFloat16(row == 0 ? 0.5f : -2));
            for (int i = 0; i < 32; i++) data.put(96 + 34 * row + 2 + i, (byte) (i - 100));
        }
        try (TensorFile file = open(TestFiles.gguf(16, metadata(), 5, tensors, data.array()))) {
            assertEquals(
                    List.of("f32", "f16", "bf16", "q"),
                    List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new long[] {2, 3}, file.require("f32").shape());
            assertArrayEquals(new float[] {0.25f, 1.25f, 2.25f, 3.25f, 4.25f, 5.25f}, read(file, "f32"));
            assertArrayEquals(new float[] {1.5f, -2}, read(file, "f16"));
            assertArrayEquals(new float[] {3}, read(file, "bf16"));
            float[] q = read(file, "q");
            for (int i = 0; i < 64; i++) assertEquals((i < 32 ? 0.5f : -2) * (i % 32 - 100), q[i]);
            for (int first = 0; first < 60; first += 7) {
                var run = new float[4];
                file.read("q", first, MemorySegment.ofArray(run));
                assertArrayEquals(Arrays.copyOfRange(q, first, first + 4), run);
            }
            assertEquals(Map.of("q4", "Q4_K"), file.unreadable());
            assertTrue(assertThrows(FormatException.class, () -> file.require("q4"))
                    .getMessage()
                    .contains("Q4_K"));
        }
    }

    /** A convolution's five dimensions: noted by ComfyUI-GGUF, or two of them multiplied. */
    @Test
    void fiveDimensions() throws IOException {
        byte[] shape = TestFiles.concat(
                TestFiles.ggufText("comfy.gguf.orig_shape.noted"),
                little(36)
                        .putInt(9)
                        .putInt(5)
                        .putLong(5)
                        .putInt(1)
                        .putInt(2)
                        .putInt(1)
                        .putInt(1)
                        .putInt(3)
                        .array());
        byte[] tensors = TestFiles.concat(
                TestFiles.ggufTensor("noted", F32, 0, 6),
                TestFiles.ggufTensor("five", F32, 0, 1, 1, 3, 2, 1),
                TestFiles.ggufTensor("conv.weight", F32, 0, 1, 1, 1, 6),
                TestFiles.ggufTensor("conv.bias", F32, 32, 2),
                TestFiles.ggufTensor("flat.weight", F32, 0, 3, 1, 1, 2),
                TestFiles.ggufTensor("flat.bias", F32, 32, 2));
        try (TensorFile file = open(TestFiles.gguf(1, shape, 6, tensors, new byte[64]))) {
            assertArrayEquals(new long[] {1, 2, 1, 1, 3}, file.require("noted").shape());
            assertArrayEquals(new long[] {1, 2, 3, 1, 1}, file.require("five").shape());
            assertArrayEquals(
                    new long[] {2, 3, 1, 1, 1}, file.require("conv.weight").shape());
            assertArrayEquals(
                    new long[] {2, 1, 1, 3}, file.require("flat.weight").shape());
            file.requireDisjoint(List.of("noted", "conv.bias"));
            assertThrows(FormatException.class, () -> file.requireDisjoint(List.of("five", "conv.bias", "noted")));
        }
    }

    @Test
    void damagedFiles() {
        byte[] one = TestFiles.ggufTensor("x", F32, 0, 2);
        byte[] none = new byte[0];
        refused("without tensors", TestFiles.gguf(0, none, 0, none, none));
        refused("outside", TestFiles.gguf(0, none, 1, one, new byte[7]));
        refused("outside", TestFiles.gguf(0, none, 1, TestFiles.ggufTensor("x", F32, -8, 2), new byte[8]));
        refused("expected at most", TestFiles.gguf(0, none, -1, one, none));
        refused("two entries", TestFiles.gguf(0, none, 2, TestFiles.concat(one, one), new byte[8]));
        refused("shape [2, 0]", TestFiles.gguf(0, none, 1, TestFiles.ggufTensor("x", F32, 0, 0, 2), none));
        refused("whole blocks", TestFiles.gguf(0, none, 1, TestFiles.ggufTensor("x", Q8_0, 0, 31), new byte[64]));
        refused("overflows", TestFiles.gguf(0, none, 1, TestFiles.ggufTensor("x", F32, 0, 1L << 40, 1L << 40), none));
        refused("9 dimensions", TestFiles.gguf(0, none, 1, TestFiles.ggufTensor("x", F32, 0, new long[9]), none));
        refused("ends too early", TestFiles.gguf(1 << 30, none, 1, one, new byte[8]));
        refused("version 1", version(1));
        byte[] endless = TestFiles.concat(
                TestFiles.ggufText("k"),
                little(16).putInt(9).putInt(8).putLong(-1).array());
        refused("ends too early", TestFiles.gguf(1, endless, 1, one, new byte[8]));
        byte[] unknown =
                TestFiles.concat(TestFiles.ggufText("k"), little(4).putInt(13).array());
        refused("unknown type", TestFiles.gguf(1, unknown, 1, one, new byte[8]));
        byte[] alignment = TestFiles.concat(
                TestFiles.ggufText("general.alignment"),
                little(8).putInt(4).putInt(0).array());
        refused("aligned to 0", TestFiles.gguf(1, alignment, 1, one, new byte[8]));
        byte[] shape = TestFiles.concat(
                TestFiles.ggufText("comfy.gguf.orig_shape.x"),
                little(20).putInt(9).putInt(5).putLong(1).putInt(3).array());
        refused("another size", TestFiles.gguf(1, shape, 1, one, new byte[8]));
    }

    private static byte[] version(int version) {
        byte[] file = TestFiles.gguf(0, new byte[0], 1, TestFiles.ggufTensor("x", F32, 0, 2), new byte[8]);
        return ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, version)
                .array();
    }
}
