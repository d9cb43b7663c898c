package wanvae.video.audio;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Makes a silent packet of AAC-LC, ISO/IEC 14496-3. Every channel has a long window without scale factor bands, so no
 * spectrum follows.
 */
final class AacSilence {
    private static final int SINGLE = 0, PAIR = 1, LFE = 3, END = 7;
    private static final int LOW_COMPLEXITY = 2, SBR = 5, PARAMETRIC_STEREO = 29;

    /** The elements of each channel configuration, table 1.19. */
    private static final int[][] ELEMENTS = {
        {},
        {SINGLE},
        {PAIR},
        {SINGLE, PAIR},
        {SINGLE, PAIR, SINGLE},
        {SINGLE, PAIR, PAIR},
        {SINGLE, PAIR, PAIR, LFE},
        {SINGLE, PAIR, PAIR, PAIR, LFE},
    };

    private final byte[] bytes = new byte[32];
    private int bits;

    private AacSilence() {}

    /**
     * The packet for a stream.
     *
     * @param config its AudioSpecificConfig
     * @return empty if the stream is not AAC-LC, alone or as the core of SBR, or has a custom arrangement of channels
     */
    static Optional<byte[]> packet(byte[] config) {
        if (config.length > 16) return Optional.empty();
        BitReader in = new BitReader(ByteBuffer.allocate(24).put(config).array());
        int type = in.take(5);
        if (in.take(4) == 15) in.take(24);
        int channels = in.take(4);
        if (type == SBR || type == PARAMETRIC_STEREO) {
            if (in.take(4) == 15) in.take(24);
            type = in.take(5);
        }
        if (type != LOW_COMPLEXITY || channels == 0 || channels >= ELEMENTS.length) return Optional.empty();
        return Optional.of(new AacSilence().write(ELEMENTS[channels]));
    }

    private byte[] write(int[] elements) {
        int[] seen = new int[4];
        for (int element : elements) {
            put(3, element);
            put(4, seen[element]++);
            if (element == PAIR) put(1, 0); // the two channels do not share a window
            for (int channel = 0; channel < (element == PAIR ? 2 : 1); channel++) {
                put(8, 0); // global_gain
                put(11, 0); // ics_info: one long sine window, max_sfb = 0, no prediction
                put(3, 0); // no pulses, no noise shaping, no gain control
            }
        }
        put(3, END);
        return Arrays.copyOf(bytes, Math.ceilDiv(bits, 8));
    }

    private void put(int count, int value) {
        for (int i = count - 1; i >= 0; i--, bits++) bytes[bits / 8] |= (byte) ((value >> i & 1) << 7 - bits % 8);
    }

    /** Reads a configuration bit by bit. */
    private static final class BitReader {
        private final byte[] bytes;
        private int at;

        BitReader(byte[] bytes) {
            this.bytes = bytes;
        }

        int take(int count) {
            int value = 0;
            for (int i = 0; i < count; i++, at++) value = value << 1 | bytes[at / 8] >> 7 - at % 8 & 1;
            return value;
        }
    }
}
