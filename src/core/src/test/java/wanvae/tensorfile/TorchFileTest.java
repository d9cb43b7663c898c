package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.tensorfile.TestFiles.Pickle;

class TorchFileTest {
    private static final long[] SIX = {2, 3};
    private static final long[] ROWS = {3, 1};

    @TempDir
    Path folder;

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("a.pth"), bytes));
    }

    private void refused(String sentence, byte[] bytes) {
        String message = assertTimeout(
                Duration.ofSeconds(20), // a bomb would take minutes
                () -> assertThrows(FormatException.class, () -> open(bytes)).getMessage());
        assertTrue(message.contains(sentence) && message.startsWith(folder.toString()), message);
    }

    private static float[] read(TensorFile file, String tensor) throws IOException {
        var values = new float[(int) file.require(tensor).elements()];
        file.read(tensor, MemorySegment.ofArray(values));
        return values;
    }

    @Test
    void bareTensorAndViews() throws IOException {
        try (TensorFile file = open(TestFiles.torch(
                new Pickle().tensor("FloatStorage", "0", 6, 0, SIX, ROWS).stop(), new float[] {1, 2, 3, 4, 5, 6}))) {
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read(file, TorchFile.TENSOR));
            var run = new float[3];
            file.read(TorchFile.TENSOR, 2, MemorySegment.ofArray(run));
            assertArrayEquals(new float[] {3, 4, 5}, run);
        }
        byte[] transposed = new Pickle()
                .tensor("FloatStorage", "0", 8, 2, SIX, new long[] {1, 2})
                .stop();
        try (TensorFile file = open(TestFiles.torch(transposed, new float[] {9, 9, 1, 2, 3, 4, 5, 6}))) {
            assertArrayEquals(new float[] {1, 3, 5, 2, 4, 6}, read(file, TorchFile.TENSOR));
            var run = new float[2];
            file.read(TorchFile.TENSOR, 1, MemorySegment.ofArray(run));
            assertArrayEquals(new float[] {3, 5}, run);
        }
    }

    @Test
    void dictsParametersAndAttributes() throws IOException {
        var pickle = new Pickle().global("collections", "OrderedDict").op(')', 'R', 'q', 0, '(');
        pickle.text("a").tensor("FloatStorage", "0", 1, 0, new long[] {1}, new long[] {1});
        pickle.text("p")
                .global("torch._utils", "_rebuild_parameter")
                .op('(')
                .tensor("FloatStorage", "1", 1, 0, new long[0], new long[0])
                .op(0x88, ')', 't', 'R');
        pickle.text("n").tensor("LongStorage", "0", 1, 0, new long[] {1}, new long[] {1});
        pickle.text("epoch").op('K', 3);
        pickle.text("inner")
                .op('}', '(')
                .text("b")
                .tensor("FloatStorage", "0", 1, 0, new long[] {1}, new long[] {1})
                .op('u');
        byte[] code = pickle.op('u', '}').text("_metadata").op('}', 's', 'b').stop();
        try (TensorFile file = open(TestFiles.torch(code, new float[] {7}, new float[] {8}))) {
            assertEquals(
                    List.of("a", "p", "inner.b"), List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new float[] {8}, read(file, "p"));
            assertArrayEquals(new float[] {7}, read(file, "inner.b"));
            assertEquals(Map.of("n", "LongStorage"), file.unreadable());
        }
    }

    @Test
    void foreignNamesAreRefusedByName() throws IOException {
        byte[] system = new Pickle()
                .global("os", "system")
                .text("touch hacked")
                .op(0x85, 'R')
                .stop();
        refused("os.system", TestFiles.torch(system));
        byte[] stacked = new Pickle()
                .text("builtins")
                .text("eval")
                .op(0x93)
                .text("1")
                .op(0x85, 'R')
                .stop();
        refused("builtins.eval", TestFiles.torch(stacked));
        refused(
                "opcode 0x69",
                TestFiles.torch(new Pickle().op('(').text("x").op('i').stop()));
        refused(
                "makes an object",
                TestFiles.torch(
                        new Pickle().global("torch", "Size").op(')', 0x81).stop()));
        refused(
                "torch.jit._pickle.build_intlist",
                TestFiles.torch(new Pickle()
                        .global("torch.jit._pickle", "build_intlist")
                        .stop()));
    }

    /** Tensors are named by their path, however deep; what stands beside them is passed over. */
    @Test
    void containersInContainers() throws IOException {
        var one = new long[] {1};
        var pickle = new Pickle().op('(');
        pickle.op(']').tensor("FloatStorage", "0", 1, 0, one, one).op('a');
        pickle.op('}', '(');
        pickle.op('K', 7).tensor("FloatStorage", "1", 1, 0, one, one);
        pickle.text("a").op('}', '(').text("b").op('}').text("c");
        pickle.tensor("HalfStorage", "0", 2, 1, one, one).op('s');
        pickle.text("device")
                .global("torch", "device")
                .text("cuda")
                .op(0x85, 'R')
                .text("dtype")
                .global("torch", "bfloat16");
        pickle.text("epoch")
                .global("numpy._core.multiarray", "scalar")
                .global("numpy", "dtype")
                .text("f8")
                .op(0x89, 0x88, 0x87, 'R')
                .global("_codecs", "encode")
                .text("xx")
                .text("latin1")
                .op(0x86, 'R', 0x86, 'R');
        pickle.op('u', 'u').text("text").op('N', 't');
        float half = TestFiles.floatOfHalves(0, 1.5f);
        try (TensorFile file = open(TestFiles.torch(pickle.stop(), new float[] {half}, new float[] {8}))) {
            assertEquals(
                    List.of("0.0", "1.7", "1.a.b.c"), List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new float[] {8}, read(file, "1.7"));
            assertArrayEquals(new float[] {1.5f}, read(file, "1.a.b.c"));
        }
    }

    /** torch.save's tensors of types without a storage class, and what Python 2 and torch 0.3 wrote. */
    @Test
    void otherWaysToWriteATensor() throws IOException {
        var pickle = new Pickle().global("collections", "OrderedDict").op(']');
        for (String type : List.of("float8_e4m3fn", "float8_e5m2", "uint16", "int64")) {
            pickle.op(']', '(')
                    .text(type)
                    .global("torch._utils", "_rebuild_tensor_v3")
                    .op('(', '(');
            pickle.text("storage")
                    .global("torch.storage", "UntypedStorage")
                    .text("0")
                    .text("cpu");
            pickle.number(16).op('t', 'Q').number(1).numbers(1).numbers(1).op(0x89);
            pickle.global("collections", "OrderedDict").op(')', 'R');
            pickle.global("torch", type).op('t', 'R', 'e', 'a');
        }
        pickle.op(']', '(')
                .text("old")
                .global("torch._utils", "_rebuild_tensor")
                .op('(', '(');
        pickle.text("storage").global("torch.cuda", "FloatStorage").text("0").text("cuda:0");
        pickle.number(4).op('t', 'Q').number(2).numbers(2).numbers(1).op('t', 'R', 'e', 'a');
        byte[] code = pickle.op(0x85, 'R').stop();
        float bits = Float.intBitsToFloat(0x403C3800);
        try (TensorFile file = open(TestFiles.torch(code, new float[] {bits, 0, 5, 6}))) {
            assertEquals(
                    List.of("float8_e4m3fn", "float8_e5m2", "old"),
                    List.copyOf(file.tensors().keySet()));
            assertArrayEquals(new float[] {1}, read(file, "float8_e4m3fn"));
            assertArrayEquals(new float[] {0.5f}, read(file, "float8_e5m2"));
            assertArrayEquals(new float[] {5, 6}, read(file, "old"));
            assertEquals(Map.of("int64", "int64"), file.unreadable());
            assertEquals(DType.U16, file.integers().get("uint16").dtype());
            var read = new float[1];
            file.read("uint16", MemorySegment.ofArray(read));
            assertArrayEquals(new float[] {0x403C}, read);
        }
    }

    @Test
    void tensorsThatDoNotFitTheirStorage() throws IOException {
        float[] six = new float[6];
        refused(
                "do not fit",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 1, SIX, ROWS)
                                .stop(),
                        six));
        refused(
                "do not fit",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 0, SIX, new long[] {4, 1})
                                .stop(),
                        six));
        refused(
                "do not fit",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 0, new long[] {1 << 20, 1 << 20}, new long[] {0, 0})
                                .stop(),
                        six));
        refused(
                "overflows",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 0, new long[] {1L << 40, 1L << 40}, new long[] {0, 0})
                                .stop(),
                        six));
        refused(
                "overflows",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, Long.MAX_VALUE, SIX, new long[] {Long.MAX_VALUE, 1})
                                .stop(),
                        six));
        refused(
                "size or offset",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, -1, SIX, ROWS)
                                .stop(),
                        six));
        refused(
                "size or offset",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 0, SIX, new long[] {3, -1})
                                .stop(),
                        six));
        refused(
                "7 elements in 24 bytes",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 7, 0, SIX, ROWS)
                                .stop(),
                        six));
        refused(
                "12 elements in 24 bytes",
                TestFiles.torch(
                        new Pickle()
                                .tensor("DoubleStorage", "0", 12, 0, SIX, ROWS)
                                .stop(),
                        six));
        refused(
                "no data in the archive",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "1", 6, 0, SIX, ROWS)
                                .stop(),
                        six));
        refused(
                "sizes and",
                TestFiles.torch(
                        new Pickle()
                                .tensor("FloatStorage", "0", 6, 0, SIX, new long[] {1})
                                .stop(),
                        six));
    }

    @Test
    void aliasedTensorsAreKnown() throws IOException {
        var pickle = new Pickle().op('}', '(');
        pickle.text("a").tensor("FloatStorage", "0", 6, 0, new long[] {4}, new long[] {1});
        pickle.text("b").tensor("FloatStorage", "0", 6, 4, new long[] {2}, new long[] {1});
        pickle.text("c").tensor("FloatStorage", "0", 6, 3, new long[] {2}, new long[] {1});
        try (TorchFile file = (TorchFile) open(TestFiles.torch(pickle.op('u').stop(), new float[6]))) {
            file.requireDisjoint(List.of("a", "b"));
            assertTrue(assertThrows(FormatException.class, () -> file.requireDisjoint(List.of("b", "a", "c")))
                    .getMessage()
                    .contains("share"));
        }
    }

    @Test
    void bombsEndAtOnce() throws IOException {
        refused(
                "neither a tensor",
                TestFiles.torch(new Pickle().op(']', 'q', 0, 'h', 0, 'a').stop())); // a list that contains itself
        try (TensorFile file = open(TestFiles.torch(
                new Pickle().op('}', 'q', 0).text("x").op('h', 0, 's').stop()))) { // a dict likewise
            assertTrue(file.tensors().isEmpty());
        }
        var doubling = new Pickle().op(']');
        for (int i = 0; i < 200; i++) doubling.op('q', i, 'h', i, 0x86); // tuples of pairs of pairs …
        refused("neither a tensor", TestFiles.torch(doubling.stop()));
        var endless = new Pickle();
        for (int i = 0; i < 2_000_000; i++) endless.op(')');
        refused("opcodes", TestFiles.torch(endless.stop()));
        refused(
                "does not end within it",
                TestFiles.torch(new Pickle().op('X', 0xFF, 0xFF, 0xFF, 0xFF).stop()));
        refused(
                "does not end within it",
                TestFiles.torch(new Pickle().op(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80).stop()));
        refused("ends too early", TestFiles.torch(new Pickle().op('J').stop()));
        refused("stack", TestFiles.torch(new Pickle().op('R').stop()));
        refused("not opened", TestFiles.torch(new Pickle().op('t').stop()));
        refused("mark", TestFiles.torch(new Pickle().op('(', 0x85).stop()));
        refused("recalls", TestFiles.torch(new Pickle().op('h', 7).stop()));
    }

    @Test
    void archives() throws IOException {
        byte[] pickle =
                new Pickle().tensor("FloatStorage", "0", 6, 0, SIX, ROWS).stop();
        refused(
                "compressed",
                TestFiles.zip(Map.of("archive/data.pkl", pickle, "archive/data/0", new byte[1 << 20]), true));
        var program = new LinkedHashMap<String, byte[]>();
        program.put("archive/data.pkl", pickle);
        program.put("archive/constants.pkl", new byte[1]);
        refused("torch.jit.save", TestFiles.zip(program, false));
        refused("without a data.pkl", TestFiles.zip(Map.of("archive/readme", new byte[10]), false));
        byte[] sound = TestFiles.torch(pickle, new float[6]);
        refused("no directory at its end", Arrays.copyOf(sound, sound.length - 1));
        refused("no directory at its end", Arrays.copyOf(sound, 100));
        byte[] overlapping = sound.clone();
        ByteBuffer bytes = ByteBuffer.wrap(overlapping).order(ByteOrder.LITTLE_ENDIAN);
        int central = bytes.getInt(sound.length - 22 + 16);
        int second = central + 46 + "archive/data.pkl".length();
        bytes.putInt(second + 42, bytes.getInt(central + 42)); // both entries at the first one's place
        refused("overlap", overlapping);
        byte[] twice = TestFiles.torch(pickle, new float[6], new float[6]);
        int last = ByteBuffer.wrap(twice).order(ByteOrder.LITTLE_ENDIAN).getInt(twice.length - 22 + 16)
                + 3 * 46
                + "archive/data.pkl".length()
                + "archive/data/0".length()
                + "archive/data/".length();
        twice[last] = '0'; // the name of the second storage's entry
        refused("two entries archive/data/0", twice);
        refused("version 1.6", new byte[] {
            (byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8
        });
    }

    /** All sizes and offsets moved into zip64 fields, as torch does for files beyond 4 GiB. */
    @Test
    void zip64() throws IOException {
        byte[] sound = TestFiles.torch(
                new Pickle().tensor("FloatStorage", "0", 6, 0, SIX, ROWS).stop(), new float[] {1, 2, 3, 4, 5, 6});
        ByteBuffer old = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
        int central = old.getInt(sound.length - 22 + 16);
        var out = new ByteArrayOutputStream();
        out.write(sound, 0, central);
        var entries = new LinkedHashMap<Integer, Integer>();
        for (int at = central; old.getInt(at) == 0x02014b50; at += entries.get(at))
            entries.put(at, 46 + old.getShort(at + 28));
        for (var entry : entries.entrySet()) {
            ByteBuffer wide = ByteBuffer.allocate(entry.getValue() + 28).order(ByteOrder.LITTLE_ENDIAN);
            wide.put(sound, entry.getKey(), entry.getValue());
            wide.putShort((short) 1)
                    .putShort((short) 24)
                    .putLong(old.getInt(entry.getKey() + 24))
                    .putLong(old.getInt(entry.getKey() + 20));
            wide.putLong(old.getInt(entry.getKey() + 42));
            wide.putInt(20, -1).putInt(24, -1).putInt(42, -1).putShort(30, (short) 28);
            out.write(wide.array());
        }
        int size = out.size() - central;
        ByteBuffer end = ByteBuffer.allocate(56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        end.putInt(0, 0x06064b50).putLong(40, size).putLong(48, central);
        end.putInt(56, 0x07064b50).putLong(64, out.size());
        end.putInt(76, 0x06054b50).putInt(88, -1).putInt(92, -1);
        out.write(end.array());
        try (TensorFile file = open(out.toByteArray())) {
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read(file, TorchFile.TENSOR));
        }
    }
}
