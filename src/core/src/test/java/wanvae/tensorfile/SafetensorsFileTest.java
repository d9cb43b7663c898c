package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("a.safetensors"), bytes);
    }

    private static float[] read(TensorFile file, String tensor) throws IOException {
        var values = new float[(int) file.tensors().get(tensor).elements()];
        file.read(tensor, MemorySegment.ofArray(values));
        return values;
    }

    @Test
    void readsEveryTypeWidened() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1.5f)
                .putFloat(-0f)
                .putShort((short) 0x3E00)
                .putShort((short) 0x0001)
                .putShort((short) 0x3FC0)
                .putShort((short) 0xFF80);
        data.putDouble(0.1).putLong(7).putShort((short) 0);
        String header = """
                {"f32":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"f16":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},
                 "bf16":{"dtype":"BF16","shape":[2,1],"data_offsets":[12,16]},"f64":{"dtype":"F64","shape":[],"data_offsets":[16,24]},
                 "i64":{"dtype":"I64","shape":[1],"data_offsets":[24,32]},"new":{"dtype":"F8_NEW","shape":[5],"data_offsets":[32,34]},
                 "none":{"dtype":"F32","shape":[0,3],"data_offsets":[34,34]}}  \s""";
        try (SafetensorsFile file = SafetensorsFile.open(write(TestFiles.safetensors(header, data.array())))) {
            assertArrayEquals(new float[] {1.5f, -0f}, read(file, "f32"));
            assertArrayEquals(new float[] {1.5f, 0x1p-24f}, read(file, "f16"));
            assertArrayEquals(new float[] {1.5f, Float.NEGATIVE_INFINITY}, read(file, "bf16"));
            assertArrayEquals(new float[] {0.1f}, read(file, "f64"));
            assertEquals(0, read(file, "none").length);
            assertEquals(
                    List.of("f32", "f16", "bf16", "f64", "none"),
                    List.copyOf(file.tensors().keySet()));
            assertTrue(assertThrows(FormatException.class, () -> file.require("i64"))
                    .getMessage()
                    .contains("I64"));
            assertTrue(assertThrows(FormatException.class, () -> file.require("new"))
                    .getMessage()
                    .contains("F8_NEW"));
            assertTrue(assertThrows(FormatException.class, () -> file.require("x"))
                    .getMessage()
                    .contains("it has f32, f16"));
            assertThrows(IllegalArgumentException.class, () -> file.read("f32", MemorySegment.ofArray(new float[3])));
        }
    }

    @Test
    void longTensorsAreReadInPieces() throws IOException {
        int n = 300_001;
        ByteBuffer data = ByteBuffer.allocate(2 * n).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) data.putShort((short) (i % 0x7C00));
        String header = "{\"x\":{\"dtype\":\"F16\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(n, 2 * n);
        try (SafetensorsFile file = SafetensorsFile.open(write(TestFiles.safetensors(header, data.array())))) {
            float[] values = read(file, "x");
            for (int i = 0; i < n; i++) assertEquals(Float.float16ToFloat((short) (i % 0x7C00)), values[i]);
        }
    }

    /** A sparse file: the last tensor lies beyond 2 GiB, and nothing but it is read. */
    @Test
    void tensorsBeyondTwoGigabytes() throws IOException {
        long big = 3L << 30;
        String header =
                "{\"big\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
                        .formatted(big / 4, big, big, big + 4);
        byte[] start = TestFiles.safetensors(header, new byte[0]);
        Path path = write(start);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(TestFiles.floats(42)), start.length + big);
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertArrayEquals(new float[] {42}, read(file, "x"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}                              | 8  | outside the 8 bytes of data
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}                               | 8  | outside the 8 bytes of data
            {"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}                               | 8  | F32[3] takes 12
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                               | 9  | describes 8
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}                              | 12 | after a gap
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | 12 | overlapping
            {"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}           | 0  | overflows
            {"x":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}             | 0  | overflows
            {"x":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,0]}}            | 0  | 18446744073709551616
            {"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}                              | 0  | a size or offset of -1
            {"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,0]}}                             | 0  | not what safetensors
            {"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}} | 0 | two entries
            {"x":{"dtype":"F32","shape":[0],"shape":[0],"data_offsets":[0,0]}}                   | 0  | two shapes
            {"x":{"dtype":"F32","shape":[0],"dtype":"F32","data_offsets":[0,0]}}                 | 0  | two dtypes
            {"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0]}}          | 0  | two data_offsets
            {"x":{"dtype":"F32","shape":[000000000000000000000000000000000000000000001]}}        | 0  | not valid JSON
            {"x":{"dtype":"F32","shape":[1000000000000000000000000000000000000000000000]}}       | 0  | not valid JSON
            {"x":{"dtype":"F32","shape":[0]}}                                                    | 0  | no dtype, shape or data_offsets
            {"x":{"dtype":"F32","shape":[0],"data_offsets":[0]}}                                 | 0  | data_offsets [0]
            {"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":1}}                      | 0  | unknown field more
            {"x":[]}                                                                             | 0  | not what safetensors
            {"__metadata__":[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]}                         | 0  | not what safetensors
            {"x":                                                                                | 0  | not valid JSON
            {} x                                                                                 | 0  | not valid JSON
            {} {}                                                                                | 0  | text after the end
            {} []                                                                                | 0  | text after the end
            """)
    void damagedHeaders(String header, int dataBytes, String sentence) throws IOException {
        Path path = write(TestFiles.safetensors(header, new byte[dataBytes]));
        String message = assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                .getMessage();
        assertTrue(message.contains(sentence) && message.startsWith(path.toString()), message);
    }

    /** Longer than any real header: refused unread. */
    @Test
    void longHeaders() throws IOException {
        Path path = folder.resolve("a.safetensors");
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(new byte[] {0, 0, 0, 5, 0, 0, 0, 0, '{'});
            file.setLength(6 << 24);
        }
        assertTrue(assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                .getMessage()
                .contains("header length 83886080"));
    }

    @Test
    void headerLengths() throws IOException {
        byte[] sound = TestFiles.safetensors("{}", new byte[0]);
        for (long length : new long[] {0, 1, 3, 1L << 40, Long.MAX_VALUE, -1}) {
            ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Path path = write(sound);
            assertTrue(assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                    .getMessage()
                    .contains("header length"));
        }
        for (String text : List.of("", "short", "This is no safetensors file at all.")) {
            Path path = write(text.getBytes(StandardCharsets.UTF_8));
            assertTrue(assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                    .getMessage()
                    .contains("not a safetensors file"));
        }
        assertThrows(IOException.class, () -> SafetensorsFile.open(folder.resolve("missing")));
        assertThrows(FormatException.class, () -> SafetensorsFile.open(folder));
    }

    @Test
    void headersOfManyTensorsEndAtOnce() throws IOException {
        var header = new StringBuilder("{");
        for (int i = 0; i < 200_000; i++)
            header.append("\"").append(i).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        Path path = write(TestFiles.safetensors(header.toString(), new byte[0]));
        assertTrue(assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                .getMessage()
                .contains("more than 100000 tensors"));
    }

    @Test
    void namesInMessagesAreHarmless() throws IOException {
        String header =
                "{\"\\u001b[31m" + "x".repeat(500) + "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,0]}}";
        Path path = write(TestFiles.safetensors(header, new byte[0]));
        String message = assertThrows(FormatException.class, () -> SafetensorsFile.open(path))
                .getMessage();
        assertTrue(message.length() < 400 && message.indexOf('\u001b') < 0, message);
    }

    @Test
    void aFileCutWhileOpenEndsInASentence() throws IOException {
        Path path = write(
                TestFiles.safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(20);
            }
            assertThrows(FormatException.class, () -> read(file, "x"));
        }
    }
}
