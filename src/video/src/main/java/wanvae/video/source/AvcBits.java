package wanvae.video.source;

/**
 * Reads the bits of an H.264 unit after its first byte. Every read beyond the end throws, so that damaged data cannot
 * keep a loop going.
 */
final class AvcBits {
    private final byte[] bytes;
    private final int length;
    private int at;

    /** @param unit with emulation prevention bytes */
    AvcBits(byte[] unit) {
        bytes = new byte[unit.length];
        int count = 0, zeros = 0;
        for (int i = 1; i < unit.length; i++) {
            if (zeros >= 2 && unit[i] == 3) {
                zeros = 0;
                continue;
            }
            zeros = unit[i] == 0 ? zeros + 1 : 0;
            bytes[count++] = unit[i];
        }
        length = 8 * count;
    }

    boolean flag() {
        return bits(1) == 1;
    }

    /** The next {@code n} bits, at most 32. */
    int bits(int n) {
        int value = 0;
        for (int i = 0; i < n; i++, at++) {
            if (at >= length) throw new IllegalArgumentException("a header ends too early");
            value = value << 1 | bytes[at >> 3] >> (7 - (at & 7)) & 1;
        }
        return value;
    }

    /** An Exp-Golomb code from 0 to {@code most}. */
    int ue(int most) {
        int zeros = 0;
        while (!flag()) if (++zeros > 31) throw new IllegalArgumentException("a number without end");
        long value = (1L << zeros) - 1 + (zeros == 0 ? 0 : Integer.toUnsignedLong(bits(zeros)));
        if (value > most) throw new IllegalArgumentException(value + " where at most " + most + " can be");
        return (int) value;
    }

    /** A signed Exp-Golomb code, whose value does not matter here. */
    void se() {
        ue(Integer.MAX_VALUE);
    }

    /** Whether more than the stop bit follows. */
    boolean hasMore() {
        int last = length - 1;
        while (last >= at && (bytes[last >> 3] >> (7 - (last & 7)) & 1) == 0) last--;
        return last > at;
    }
}
