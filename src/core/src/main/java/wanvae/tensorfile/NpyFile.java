package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NumPy .npy file (format versions 1 to 3): one tensor, named "array", of little- or big-endian f2, f4 or f8 in C or
 * Fortran order. An array of bytes (u1) is no tensor here, but its bytes can be had: {@link #bytes}, {@link
 * #readBytes}. The format is described in numpy.lib.format.
 */
public final class NpyFile implements TensorFile {
    /** The name we give the file's only tensor. */
    public static final String TENSOR = "array";

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int MOST_DIMENSIONS = 32;
    private static final Pattern ENTRY =
            Pattern.compile("\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([\\d,\\s]*\\)|\\[[^\\]]*\\])\\s*(,|(?=\\}))");
    private static final Pattern SIZE = Pattern.compile("\\d+");

    private final FileBytes file;
    private final long dataStart;
    private final ByteOrder order;
    private final boolean fortran;
    /** Null for an array of bytes. */
    private final TensorInfo info;

    private final long[] shape;

    static boolean begins(byte[] start) {
        return start.length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** Takes over the file, but does not close it when it throws. */
    NpyFile(FileBytes file) throws IOException {
        this.file = file;
        int version = file.read(MAGIC.length, 2).get();
        if (version < 1 || version > 3)
            throw new FormatException(name() + ": .npy version " + version + ", expected 1, 2 or 3");
        int lengthBytes = version == 1 ? 2 : 4;
        long length = version == 1
                ? file.read(8, 2).getShort() & 0xFFFF
                : file.read(8, 4).getInt() & 0xFFFFFFFFL;
        if (length > LONGEST_HEADER) {
            throw new FormatException(name() + ": header of " + length + " bytes, expected at most " + LONGEST_HEADER);
        }
        dataStart = 8 + lengthBytes + length;
        String header = new String(file.read(8 + lengthBytes, (int) length).array(), StandardCharsets.UTF_8);

        String descr = null;
        String order = null;
        String shape = null;
        Matcher entry = ENTRY.matcher(header);
        int position = header.indexOf('{') + 1;
        while (position > 0 && entry.region(position, header.length()).lookingAt()) {
            switch (entry.group(1)) {
                case "descr" -> descr = entry.group(2);
                case "fortran_order" -> order = entry.group(2);
                case "shape" -> shape = entry.group(2);
                default ->
                    throw new FormatException(name() + ": unknown entry " + FormatException.quote(entry.group(1))
                            + " in the .npy header");
            }
            position = entry.end();
        }
        if (descr == null || order == null || shape == null || !shape.startsWith("(")) {
            throw new FormatException(name() + ": .npy header without readable descr, fortran_order and shape");
        }
        DType dtype = switch (descr) {
            case "'<f2'", "'>f2'", "'=f2'" -> DType.F16;
            case "'<f4'", "'>f4'", "'=f4'" -> DType.F32;
            case "'<f8'", "'>f8'", "'=f8'" -> DType.F64;
            case "'|u1'", "'<u1'", "'>u1'", "'=u1'" -> null;
            default ->
                throw new FormatException(
                        name() + ": array of type " + FormatException.quote(descr) + ", expected f2, f4 or f8");
        };
        this.order = descr.startsWith("'>") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        this.fortran = order.equals("True");
        this.shape = sizes(shape);
        this.info = dtype == null ? null : new TensorInfo(TENSOR, dtype, this.shape);
        checkSize(dtype == null ? 1 : dtype.bytes());
    }

    private long[] sizes(String shape) throws FormatException {
        try {
            long[] sizes = SIZE.matcher(shape)
                    .results()
                    .mapToLong(size -> Long.parseLong(size.group()))
                    .toArray();
            if (sizes.length > MOST_DIMENSIONS) {
                throw new FormatException(name() + ": array of more than " + MOST_DIMENSIONS + " dimensions");
            }
            return sizes;
        } catch (NumberFormatException e) {
            throw new FormatException(
                    name() + ": array of shape " + FormatException.quote(shape) + ", whose size overflows", e);
        }
    }

    private void checkSize(int elementBytes) throws FormatException {
        try {
            long expected = elementBytes;
            for (long size : shape) expected = Math.multiplyExact(expected, size);
            if (expected > file.size() - dataStart) {
                throw new FormatException(name() + ": ends too early, an array of shape " + Arrays.toString(shape)
                        + " takes " + expected + " bytes of data, found " + (file.size() - dataStart));
            }
        } catch (ArithmeticException e) {
            throw new FormatException(
                    name() + ": array of shape " + Arrays.toString(shape) + ", whose size overflows", e);
        }
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return info == null ? Map.of() : Map.of(TENSOR, info);
    }

    @Override
    public Map<String, String> unreadable() {
        return info == null ? Map.of(TENSOR, "u1") : Map.of();
    }

    /** The shape of an array of bytes in C order; null if this is none. */
    public long[] bytes() {
        return info == null && !fortran ? shape.clone() : null;
    }

    /**
     * Reads a run of an array of bytes.
     *
     * @param first of the bytes, in C order
     * @throws FormatException if the run is not inside the file
     */
    public void readBytes(long first, byte[] target) throws IOException {
        file.read(Math.addExact(dataStart, first), target.length).get(target);
    }

    @Override
    public void read(String tensor, long first, MemorySegment target) throws IOException {
        TensorInfo info = require(tensor);
        TensorFile.requireRun(info, first, target);
        if (fortran) throw new FormatException(name() + ": array in Fortran order, expected C order");
        file.readFloats(dataStart + first * info.dtype().bytes(), target.byteSize() / 4, info.dtype(), order, target);
    }

    @Override
    public void read(String tensor, MemorySegment target) throws IOException {
        TensorFile.requireSize(require(tensor), target);
        if (!fortran) {
            file.readFloats(dataStart, info.elements(), info.dtype(), order, target);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(4 * info.elements(), 4);
            file.readFloats(dataStart, info.elements(), info.dtype(), order, stored);
            toCOrder(stored, target);
        }
    }

    /**
     * Stored: the first index runs fastest. Counts the indices up in that order and follows the C-order position along.
     */
    private void toCOrder(MemorySegment stored, MemorySegment target) {
        long[] shape = info.shape();
        long[] stride = new long[shape.length];
        long step = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            stride[d] = step;
            step *= shape[d];
        }
        long[] index = new long[shape.length];
        long position = 0;
        for (long i = 0, n = info.elements(); i < n; i++) {
            target.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * position,
                    stored.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i));
            for (int d = 0; d < shape.length; d++) {
                position += stride[d];
                if (++index[d] < shape[d]) break;
                position -= stride[d] * shape[d];
                index[d] = 0;
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
