package wanvae.video.h264;

import java.nio.ByteBuffer;
import org.jcodec.codecs.common.biari.MConst;

/**
 * Writes bins by arithmetic coding (9.3.4.2), keeping the contexts up to date. The standard's encoder puts out bit by
 * bit; here bits of {@code low} that are settled but for a carry gather behind its ten, and leave eight at a time.
 */
final class BinWriter {
    private final ByteBuffer out;
    private final BinCounter contexts;
    private int low, range = 510;
    /** Bits of {@code low} above its ten; the very first one is not written. */
    private int settled = -1;
    /** The last byte settled, which a carry may still change, or -1; so many bytes of 0xFF come behind it. */
    private int last = -1, outstanding;

    /** @param out stands behind the byte-aligned slice header */
    BinWriter(ByteBuffer out, BinCounter contexts) {
        this.out = out;
        this.contexts = contexts;
    }

    void write(Bins bins) {
        for (int i = 0; i < bins.count; i++) {
            int context = bins.list[i] >> 1, bin = bins.list[i] & 1;
            if (context < BinCounter.CONTEXTS) bin(context, bin);
            else if (context == Bins.BYPASS) bypass(bin);
            else terminate(bin);
        }
    }

    private void bin(int context, int bin) {
        int state = contexts.state(context), less = MConst.rangeLPS[range >> 6 & 3][state >> 1];
        range -= less;
        if (bin != (state & 1)) {
            low += range;
            range = less;
        }
        contexts.adapt(context, bin);
        shift(Integer.numberOfLeadingZeros(range) - 23);
    }

    private void bypass(int bin) {
        low = (low << 1) + (bin == 1 ? range : 0);
        settled++;
        putSettled();
    }

    private void terminate(int bin) {
        range -= 2;
        if (bin == 1) finish();
        else shift(range < 256 ? 1 : 0);
    }

    private void shift(int bits) {
        range <<= bits;
        low <<= bits;
        settled += bits;
        putSettled();
    }

    private void putSettled() {
        if (settled < 8) return;
        settled -= 8;
        put(low >> settled + 10);
        low &= (1 << settled + 10) - 1;
    }

    /** A byte, and its carry as ninth bit. */
    private void put(int bits) {
        if (bits == 0xFF) {
            outstanding++;
            return;
        }
        int carry = bits >> 8;
        if (last >= 0) out.put((byte) (last + carry));
        for (; outstanding > 0; outstanding--) out.put((byte) (0xFF + carry));
        last = bits & 0xFF;
    }

    /** The last bits, the one of rbsp_trailing_bits among them, and zeros up to a whole byte. */
    private void finish() {
        low += range;
        range = 2;
        shift(7);
        low |= 1 << 7;
        shift(3);
        if (settled > 0) shift(8 - settled);
        put(0); // makes the bytes before it final
    }
}
