package wanvae.tensorfile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Element types of the floating-point tensors we read. */
public enum DType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /**
     * Converts {@code count} elements of this type to float32; exact except from F64, which is rounded to nearest.
     *
     * @param source at least {@code count * bytes()} bytes in byte order {@code order}
     * @param target at least {@code 4 * count} bytes, written in native order
     */
    public void widen(MemorySegment source, ByteOrder order, MemorySegment target, int count) {
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
        }
    }

    /**
     * Converts {@code count} float32 values to this type, rounded to nearest, ties to even; NaN stays NaN.
     *
     * @param source at least {@code 4 * count} bytes in native order
     * @param target at least {@code count * bytes()} bytes, written little-endian
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
        }
    }

    private static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) return (short) (bits >>> 16 | 0x40); // rounding could carry a NaN into infinity
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
