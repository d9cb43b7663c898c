package wanvae.video.h264;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Rows of four samples, which are too short for {@link SampleVectors}: 16 bits each of a {@code long}. */
final class FourSamples {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private FourSamples() {}

    static long load(byte[] samples, int at) {
        long bytes = (int) INTS.get(samples, at) & 0xFFFFFFFFL;
        long pairs = (bytes | bytes << 16) & 0x0000FFFF0000FFFFL;
        return (pairs | pairs << 8) & 0x00FF00FF00FF00FFL;
    }

    /** Stores numbers that are 0 to 255. */
    static void store(long four, byte[] samples, int at) {
        long pairs = (four | four >>> 8) & 0x0000FFFF0000FFFFL;
        INTS.set(samples, at, (int) (pairs | pairs >>> 16));
    }

    static void copy(byte[] from, int at, byte[] to, int toAt) {
        INTS.set(to, toAt, (int) INTS.get(from, at));
    }

    /** The rounded means of four samples each, {@code (a | b) - (a ^ b) / 2}. */
    static void mean(byte[] a, int aAt, byte[] b, int bAt, byte[] out, int at) {
        int x = (int) INTS.get(a, aAt), y = (int) INTS.get(b, bAt);
        INTS.set(out, at, (x | y) - ((x ^ y) >>> 1 & 0x7F7F7F7F));
    }
}
