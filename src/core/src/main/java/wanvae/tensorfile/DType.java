package wanvae.tensorfile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Element types of the tensors that can be read. */
public enum DType {
    /** IEEE 754 binary64. */
    F64(8),
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper 16 bits of a binary32. */
    BF16(2),
    /** {@code torch.float8_e4m3fn}: 4 bits of exponent with bias 7, 3 of mantissa, NaN but no infinity. */
    F8_E4M3(1),
    /** {@code torch.float8_e5m2}: the upper byte of an F16. */
    F8_E5M2(1),
    /** GGUF's blocks of 32 values: an F16 scale, then 32 signed bytes that it multiplies. */
    Q8_0(32, 34),
    /** Unsigned bytes, as frames are stored. */
    U8(1),
    /** Unsigned 16-bit integers, as frames are stored. */
    U16(2);

    private static final float[] E4M3 = e4m3();

    private final int block;
    private final int blockBytes;

    DType(int bytes) {
        this(1, bytes);
    }

    DType(int block, int blockBytes) {
        this.block = block;
        this.blockBytes = blockBytes;
    }

    /** Whether these are floating-point numbers, as weights and latents are; the others are integers. */
    public boolean isFloat() {
        return this != U8 && this != U16;
    }

    /** Elements that are stored together: 32 for {@link #Q8_0}, 1 for all others. */
    public int block() {
        return block;
    }

    /** Size in bytes of one element, or of one {@link #block} of them. */
    public int bytes() {
        return blockBytes;
    }

    /**
     * Size in bytes of that many elements, whole blocks.
     *
     * @throws ArithmeticException if it overflows a long
     */
    public long bytes(long elements) {
        return Math.multiplyExact(Math.ceilDiv(elements, (long) block), (long) blockBytes);
    }

    /**
     * Converts {@code count} elements of this type to float32; exact except from F64 and Q8_0, whose values and
     * products are rounded to nearest.
     *
     * @param source at least {@code bytes(count)} bytes in byte order {@code order}
     * @param target at least {@code 4 * count} bytes, written in native order
     */
    public void widen(MemorySegment source, ByteOrder order, MemorySegment target, int count) {
        var bytes = ValueLayout.JAVA_BYTE;
        var shorts = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
        var floats = ValueLayout.JAVA_FLOAT_UNALIGNED;
        switch (this) {
            case F64 -> {
                var doubles = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(order);
                for (int i = 0; i < count; i++) target.set(floats, 4L * i, (float) source.get(doubles, 8L * i));
            }
            case F32 -> MemorySegment.copy(source, floats.withOrder(order), 0, target, floats, 0, count);
            case F16 -> {
                for (int i = 0; i < count; i++)
                    target.set(floats, 4L * i, Float.float16ToFloat(source.get(shorts, 2L * i)));
            }
            case BF16 -> {
                for (int i = 0; i < count; i++)
                    target.set(floats, 4L * i, Float.intBitsToFloat(source.get(shorts, 2L * i) << 16));
            }
            case F8_E4M3 -> {
                for (int i = 0; i < count; i++) target.set(floats, 4L * i, E4M3[source.get(bytes, i) & 0xFF]);
            }
            case F8_E5M2 -> {
                for (int i = 0; i < count; i++)
                    target.set(floats, 4L * i, Float.float16ToFloat((short) (source.get(bytes, i) << 8)));
            }
            case Q8_0 -> {
                for (int i = 0; i < count; i++) {
                    long start = (long) (i / block) * blockBytes;
                    float scale = Float.float16ToFloat(source.get(shorts, start));
                    target.set(floats, 4L * i, scale * source.get(bytes, start + 2 + i % block));
                }
            }
            case U8 -> {
                for (int i = 0; i < count; i++) target.set(floats, 4L * i, source.get(bytes, i) & 0xFF);
            }
            case U16 -> {
                for (int i = 0; i < count; i++) target.set(floats, 4L * i, source.get(shorts, 2L * i) & 0xFFFF);
            }
        }
    }

    /**
     * Converts {@code count} float32 values to F64, F32, F16 or BF16, rounded to nearest, ties to even; NaN stays NaN.
     *
     * @param source at least {@code 4 * count} bytes in native order
     * @param target at least {@code count * bytes()} bytes, written little-endian
     * @throws UnsupportedOperationException if this is another type
     */
    public void narrow(MemorySegment source, MemorySegment target, int count) {
        var shorts = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        var floats = ValueLayout.JAVA_FLOAT_UNALIGNED;
        switch (this) {
            case F64 -> {
                var doubles = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < count; i++) target.set(doubles, 8L * i, source.get(floats, 4L * i));
            }
            case F32 ->
                MemorySegment.copy(source, floats, 0, target, floats.withOrder(ByteOrder.LITTLE_ENDIAN), 0, count);
            case F16 -> {
                for (int i = 0; i < count; i++)
                    target.set(shorts, 2L * i, Float.floatToFloat16(source.get(floats, 4L * i)));
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) target.set(shorts, 2L * i, floatToBfloat16(source.get(floats, 4L * i)));
            }
            default -> throw new UnsupportedOperationException("nothing is written as " + this);
        }
    }

    private static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) return (short) (bits >>> 16 | 0x40); // rounding could carry a NaN into infinity
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /** The 256 values of E4M3. Source: Micikevicius et al. 2022, "FP8 Formats for Deep Learning". */
    private static float[] e4m3() {
        var values = new float[256];
        for (int bits = 0; bits < 256; bits++) {
            int exponent = bits >> 3 & 15;
            int mantissa = bits & 7;
            float magnitude = exponent == 0 ? mantissa * 0x1p-9f : Math.scalb(1 + mantissa / 8f, exponent - 7);
            if ((bits & 0x7F) == 0x7F) magnitude = Float.NaN;
            values[bits] = bits < 128 ? magnitude : -magnitude;
        }
        return values;
    }
}
