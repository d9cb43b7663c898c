package wanvae.video.h264;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** NAL units (7.3.1): a header byte, then the payload with emulation prevention. */
final class NalUnit {
    static final int SLICE = 1;
    static final int IDR_SLICE = 5;
    static final int SPS = 7;
    static final int PPS = 8;

    private NalUnit() {}

    /** @param priority nal_ref_idc, 0 if no picture refers to it */
    static byte[] of(int type, int priority, ByteBuffer payload) {
        byte[] out = new byte[1 + payload.remaining() + payload.remaining() / 2];
        int n = 0, zeros = 0;
        out[n++] = (byte) (priority << 5 | type);
        while (payload.hasRemaining()) {
            byte b = payload.get();
            if (zeros == 2 && (b & 0xFC) == 0) {
                out[n++] = 3;
                zeros = 0;
            }
            out[n++] = b;
            zeros = b == 0 ? zeros + 1 : 0;
        }
        return Arrays.copyOf(out, n);
    }
}
