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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyFileTest {
    @TempDir
    Path folder;

    private Path write(int version, String header, byte[] data) throws IOException {
        return Files.write(folder.resolve("a.npy"), TestFiles.npy(version, header, data));
    }

    @ParameterizedTest
    @CsvSource({"<f2,1", ">f2,2", "<f4,3", ">f4,1", "<f8,2", ">f8,3"})
    void typesVersionsAndByteOrders(String type, int version) throws IOException {
        float[] values = {1, -2.5f, 0, 4, 0.5f, 6};
        for (boolean fortran : new boolean[] {false, true}) {
            ByteBuffer data = ByteBuffer.allocate(48)
                    .order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 6; i++) {
                float value = values[fortran ? i % 2 * 3 + i / 2 : i]; // [2][3]: Fortran's first index runs fastest
                switch (type.charAt(2)) {
                    case '2' -> data.putShort(Float.floatToFloat16(value));
                    case '4' -> data.putFloat(value);
                    default -> data.putDouble(value);
                }
            }
            String header = "{'descr': '%s', 'fortran_order': %s, 'shape': (2, 3), }      \n"
                    .formatted(type, fortran ? "True" : "False");
            try (TensorFile file = TensorFile.open(write(version, header, data.array()))) {
                var read = new float[6];
                file.read(NpyFile.TENSOR, MemorySegment.ofArray(read));
                assertArrayEquals(values, read);
            }
        }
    }

    /** Bytes and 16-bit integers are read as the numbers they are, in either order, whole and in runs. */
    @ParameterizedTest
    @CsvSource({"|u1,false", "|u1,true", "<u2,false", "<u2,true", ">u2,true"})
    void integers(String type, boolean fortran) throws IOException {
        boolean bytes = type.endsWith("1");
        int[] values = {0, 1, 127, 128, 255, bytes ? 7 : 65535};
        ByteBuffer data = ByteBuffer.allocate(bytes ? 6 : 12)
                .order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            int value = values[fortran ? i % 2 * 3 + i / 2 : i];
            if (bytes) data.put((byte) value);
            else data.putShort((short) value);
        }
        String header =
                "{'descr': '%s', 'fortran_order': %s, 'shape': (2, 3), }\n".formatted(type, fortran ? "True" : "False");
        try (TensorFile file = TensorFile.open(write(1, header, data.array()))) {
            assertTrue(file.tensors().isEmpty());
            assertEquals(
                    bytes ? DType.U8 : DType.U16,
                    file.integers().get(NpyFile.TENSOR).dtype());
            String sentence = assertThrows(FormatException.class, () -> file.require(NpyFile.TENSOR))
                    .getMessage();
            assertTrue(sentence.contains(bytes ? "type U8" : "type U16"), sentence);
            var read = new float[6];
            file.read(NpyFile.TENSOR, MemorySegment.ofArray(read));
            for (int i = 0; i < 6; i++) assertEquals(values[i], read[i]);
            var run = new float[3];
            for (int first = 3; first >= 0; first--) {
                file.read(NpyFile.TENSOR, first, MemorySegment.ofArray(run));
                for (int i = 0; i < 3; i++) assertEquals(values[first + i], run[i]);
            }
        }
    }

    /** NumPy knows no bfloat16: arrays of ml_dtypes and JAX are of "void" of two bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"<V2", "|V2", "bfloat16"})
    void bfloat16(String type) throws IOException {
        byte[] data = {(byte) 0x80, 0x3F, 0x00, (byte) 0xC0};
        try (TensorFile file = TensorFile.open(
                write(1, "{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }\n", data))) {
            var read = new float[2];
            file.read(NpyFile.TENSOR, MemorySegment.ofArray(read));
            assertArrayEquals(new float[] {1, -2}, read);
            assertEquals(DType.BF16, file.require(NpyFile.TENSOR).dtype());
        }
    }

    @Test
    void fortranOrderOfFiveDimensions() throws IOException {
        int[] shape = {2, 1, 3, 2, 4};
        float[] stored = new float[48];
        float[] expected = new float[48];
        for (int i = 0; i < 48; i++) {
            int rest = i;
            int position = 0;
            int stride = 48;
            for (int size : shape) {
                stride /= size;
                position += rest % size * stride;
                rest /= size;
            }
            stored[i] = i;
            expected[position] = i;
        }
        try (TensorFile file = TensorFile.open(write(
                1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1, 3, 2, 4)}", TestFiles.floats(stored)))) {
            var read = new float[48];
            file.read(NpyFile.TENSOR, MemorySegment.ofArray(read));
            assertArrayEquals(expected, read);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 | {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}                                     | ends too early
            1 | {'descr': '<i4', 'fortran_order': False, 'shape': (2,)}                                     | expected f2, f4, f8
            1 | {'descr': 'O', 'fortran_order': False, 'shape': (2,)}                                      | expected f2, f4, f8
            1 | {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}                            | expected f2, f4, f8
            1 | {'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}                 | overflows
            1 | {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}                  | overflows
            1 | {'descr': '<f4', 'fortran_order': False}                                                    | without readable
            1 | {'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}                                    | without readable
            1 | {'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (2,)}                          | without readable
            1 | {'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': True}                       | unknown entry more
            4 | {'descr': '<f4', 'fortran_order': False, 'shape': (2,)}                                     | version 4
            """)
    void damagedHeaders(int version, String header, String sentence) throws IOException {
        Path path = write(version, header, new byte[8]);
        String message =
                assertThrows(FormatException.class, () -> TensorFile.open(path)).getMessage();
        assertTrue(message.contains(sentence) && message.startsWith(path.toString()), message);
    }
}
