package wanvae.tensorfile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of the tensor formats, written byte by byte, so that tests can make any of them wrong. */
public final class TestFiles {
    private TestFiles() {}

    public static byte[] safetensors(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }

    /** float32 tensors, given as {@code [shape][values]}. */
    public static byte[] safetensors(Map<String, float[]> tensors, Map<String, String> shapes) {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        var data = new ByteArrayOutputStream();
        for (var tensor : tensors.entrySet()) {
            int begin = data.size();
            data.writeBytes(floats(tensor.getValue()));
            header.append(",\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                    .formatted(tensor.getKey(), shapes.get(tensor.getKey()), begin, data.size()));
        }
        return safetensors(header.append('}').toString(), data.toByteArray());
    }

    public static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) bytes.putFloat(value);
        return bytes.array();
    }

    /** The float32 whose four bytes are these two float16. */
    static float floatOfHalves(float low, float high) {
        return Float.intBitsToFloat(Float.floatToFloat16(low) & 0xFFFF | Float.floatToFloat16(high) << 16);
    }

    public static byte[] npy(int version, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + (version == 1 ? 2 : 4) + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) bytes.putShort((short) text.length);
        else bytes.putInt(text.length);
        return bytes.put(text).put(data).array();
    }

    public static byte[] zip(Map<String, byte[]> entries, boolean compressed) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var entry : entries.entrySet()) {
                var described = new ZipEntry(entry.getKey());
                if (!compressed) {
                    var crc = new CRC32();
                    crc.update(entry.getValue());
                    described.setMethod(ZipEntry.STORED);
                    described.setSize(entry.getValue().length);
                    described.setCrc(crc.getValue());
                }
                zip.putNextEntry(described);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** A file as torch.save writes it, of a pickle and float32 storages "0", "1" and so on. */
    public static byte[] torch(byte[] pickle, float[]... storages) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("archive/data.pkl", pickle);
        for (int i = 0; i < storages.length; i++) entries.put("archive/data/" + i, floats(storages[i]));
        entries.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        return zip(entries, false);
    }

    /** A file as torch.save wrote it before version 1.6, of a pickle and float32 storages "0", "1" and so on. */
    public static byte[] legacyTorch(byte[] pickle, float[]... storages) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e"));
        bytes.writeBytes(new Pickle().op('M', 0xE9, 0x03).stop());
        bytes.writeBytes(new Pickle()
                .op('}', '(')
                .text("protocol_version")
                .op('M', 0xE9, 0x03)
                .text("little_endian")
                .op(0x88)
                .text("type_sizes")
                .op('}', '(')
                .text("short")
                .op('K', 2, 'u', 'u')
                .stop());
        bytes.writeBytes(pickle);
        var keys = new Pickle().op(']', '(');
        for (int i = 0; i < storages.length; i++) keys.text("" + i);
        bytes.writeBytes(keys.op('e').stop());
        for (float[] storage : storages) {
            bytes.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(storage.length)
                    .array());
            bytes.writeBytes(floats(storage));
        }
        return bytes.toByteArray();
    }

    /** A GGUF file of metadata and tensors as given, the data behind them aligned to 32 bytes. */
    public static byte[] gguf(int entries, byte[] metadata, int tensors, byte[] described, byte[] data) {
        int header = 24 + metadata.length + described.length;
        return ByteBuffer.allocate(Math.ceilDiv(header, 32) * 32 + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("GGUF".getBytes(StandardCharsets.US_ASCII))
                .putInt(3)
                .putLong(tensors)
                .putLong(entries)
                .put(metadata)
                .put(described)
                .put(Math.ceilDiv(header, 32) * 32, data)
                .array();
    }

    /** A tensor's entry in a GGUF header; sizes as the file has them, innermost dimension first. */
    public static byte[] ggufTensor(String name, int type, long offset, long... sizes) {
        byte[] text = ggufText(name);
        ByteBuffer bytes = ByteBuffer.allocate(text.length + 4 + 8 * sizes.length + 12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(text)
                .putInt(sizes.length);
        for (long size : sizes) bytes.putLong(size);
        return bytes.putInt(type).putLong(offset).array();
    }

    public static byte[] ggufText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    public static byte[] concat(byte[]... parts) {
        var bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) bytes.writeBytes(part);
        return bytes.toByteArray();
    }

    /** Protocol 2 pickles, opcode by opcode. */
    public static final class Pickle {
        private final ByteArrayOutputStream code = new ByteArrayOutputStream();
        private final boolean legacy;

        public Pickle() {
            this(false);
        }

        /** @param legacy whether storages are referred to as before torch 1.6 */
        public Pickle(boolean legacy) {
            this.legacy = legacy;
            op(0x80).op(2);
        }

        public Pickle op(int... opcodes) {
            for (int opcode : opcodes) code.write(opcode);
            return this;
        }

        public Pickle global(String module, String name) {
            op('c');
            code.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
            return this;
        }

        public Pickle text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            op('X');
            code.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bytes.length)
                    .array());
            code.writeBytes(bytes);
            return this;
        }

        public Pickle number(long number) {
            op(0x8a, 8);
            code.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(number)
                    .array());
            return this;
        }

        public Pickle numbers(long... numbers) {
            op('(');
            for (long number : numbers) number(number);
            return op('t');
        }

        public Pickle tensor(String storageType, String key, long elements, long offset, long[] shape, long[] stride) {
            global("torch._utils", "_rebuild_tensor_v2")
                    .op('(', '(')
                    .text("storage")
                    .global("torch", storageType)
                    .text(key)
                    .text("cpu");
            number(elements);
            if (legacy) op('N');
            op('t', 'Q').number(offset).numbers(shape).numbers(stride);
            return op(0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
        }

        public byte[] stop() {
            op('.');
            return code.toByteArray();
        }
    }
}
