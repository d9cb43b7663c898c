package wanvae.tensorfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class DTypeTest {
    private static float[] all(DType dtype) {
        var bytes = new byte[256];
        for (int i = 0; i < 256; i++) bytes[i] = (byte) i;
        var values = new float[256];
        dtype.widen(MemorySegment.ofArray(bytes), ByteOrder.LITTLE_ENDIAN, MemorySegment.ofArray(values), 256);
        return values;
    }

    /** The numbers of the paper, table 1: largest, smallest normal, smallest subnormal, NaN. */
    @Test
    void e4m3() {
        float[] values = all(DType.F8_E4M3);
        assertEquals(0, values[0]);
        assertEquals(0x1p-9f, values[1]);
        assertEquals(0.875f * 0x1p-6f, values[7]);
        assertEquals(0x1p-6f, values[8]);
        assertEquals(1, values[0x38]);
        assertEquals(1.125f, values[0x39]);
        assertEquals(448, values[0x7E]);
        assertEquals(Float.NaN, values[0x7F]);
        assertEquals(Float.NaN, values[0xFF]);
        for (int i = 0; i < 0x7E; i++) {
            assertEquals(-values[i], values[0x80 | i]);
            assertEquals(-1, Float.compare(values[i], values[i + 1]));
        }
    }

    @Test
    void e5m2() {
        float[] values = all(DType.F8_E5M2);
        assertEquals(0x1p-16f, values[1]);
        assertEquals(0x1p-14f, values[4]);
        assertEquals(1, values[0x3C]);
        assertEquals(57344, values[0x7B]);
        assertEquals(Float.POSITIVE_INFINITY, values[0x7C]);
        assertEquals(Float.NaN, values[0x7D]);
        for (int i = 0; i < 0x7C; i++) assertEquals(-values[i], values[0x80 | i]);
    }

    @Test
    void sizes() {
        assertEquals(12, DType.F32.bytes(3));
        assertEquals(3, DType.F8_E4M3.bytes(3));
        assertEquals(34, DType.Q8_0.bytes(1));
        assertEquals(34, DType.Q8_0.bytes(32));
        assertEquals(68, DType.Q8_0.bytes(33));
        assertThrows(ArithmeticException.class, () -> DType.F64.bytes(1L << 60));
    }
}
