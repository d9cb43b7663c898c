package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array as NumPy writes it (.npy, format versions 1 to 3): f2, f4, f8, u1 or u2, little- or big-endian, in C or
 * Fortran order. V2, two bytes without a type, is bfloat16: that is how NumPy writes the arrays of JAX and ml_dtypes.
 * The format is described in numpy.lib.format.
 *
 * @param type what the header calls its type
 * @param view null where that type is not read
 */
record NpyArray(String type, TensorView view) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int MOST_DIMENSIONS = 32;
    private static final Pattern ENTRY =
            Pattern.compile("\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([\\d,\\s]*\\)|\\[[^\\]]*\\])\\s*(,|(?=\\}))");
    private static final Pattern SIZE = Pattern.compile("\\d+");

    static boolean begins(byte[] start) {
        return start.length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /**
     * Reads the header.
     *
     * @param tensor the name that the array gets
     * @throws FormatException if it is not a sound one, or the data end too early
     */
    static NpyArray of(Bytes bytes, String tensor) throws IOException {
        String name = bytes.name();
        int version = bytes.read(MAGIC.length, 2).get();
        if (version < 1 || version > 3)
            throw new FormatException(name + ": .npy version " + version + ", expected 1, 2 or 3");
        int lengthBytes = version == 1 ? 2 : 4;
        long length = version == 1
                ? bytes.read(8, 2).getShort() & 0xFFFF
                : bytes.read(8, 4).getInt() & 0xFFFFFFFFL;
        if (length > LONGEST_HEADER) {
            throw new FormatException(name + ": header of " + length + " bytes, expected at most " + LONGEST_HEADER);
        }
        long dataStart = 8 + lengthBytes + length;
        String header = new String(bytes.read(8 + lengthBytes, (int) length).array(), StandardCharsets.UTF_8);

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
                    throw new FormatException(
                            name + ": unknown entry " + FormatException.quote(entry.group(1)) + " in the .npy header");
            }
            position = entry.end();
        }
        if (descr == null || order == null || shape == null || !shape.startsWith("(")) {
            throw new FormatException(name + ": .npy header without readable descr, fortran_order and shape");
        }
        DType dtype = dtype(descr);
        if (dtype == null) return new NpyArray(descr, null);
        var info = new TensorInfo(tensor, dtype, sizes(shape, name));
        checkSize(info, bytes.size() - dataStart, name);
        return new NpyArray(
                descr,
                new TensorView(
                        info,
                        bytes,
                        dataStart,
                        descr.startsWith("'>") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                        0,
                        order.equals("True")
                                ? TensorView.fortranOrder(info.shape())
                                : TensorView.cOrder(info.shape())));
    }

    private static DType dtype(String descr) {
        return switch (descr) {
            case "'<f2'", "'>f2'", "'=f2'" -> DType.F16;
            case "'<f4'", "'>f4'", "'=f4'" -> DType.F32;
            case "'<f8'", "'>f8'", "'=f8'" -> DType.F64;
            case "'<V2'", "'|V2'", "'bfloat16'" -> DType.BF16;
            case "'|u1'", "'<u1'", "'>u1'", "'=u1'" -> DType.U8;
            case "'<u2'", "'>u2'", "'=u2'" -> DType.U16;
            default -> null;
        };
    }

    private static long[] sizes(String shape, String name) throws FormatException {
        try {
            long[] sizes = SIZE.matcher(shape)
                    .results()
                    .mapToLong(size -> Long.parseLong(size.group()))
                    .toArray();
            if (sizes.length > MOST_DIMENSIONS) {
                throw new FormatException(name + ": array of more than " + MOST_DIMENSIONS + " dimensions");
            }
            return sizes;
        } catch (NumberFormatException e) {
            throw new FormatException(
                    name + ": array of shape " + FormatException.quote(shape) + ", whose size overflows", e);
        }
    }

    private static void checkSize(TensorInfo info, long found, String name) throws FormatException {
        try {
            long expected = info.dtype().bytes(info.elements());
            if (expected > found) {
                throw new FormatException(name + ": ends too early, an array of shape " + Arrays.toString(info.shape())
                        + " takes " + expected + " bytes of data, found " + found);
            }
        } catch (ArithmeticException e) {
            throw new FormatException(
                    name + ": array of shape " + Arrays.toString(info.shape()) + ", whose size overflows", e);
        }
    }
}
