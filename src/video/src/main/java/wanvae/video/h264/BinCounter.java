package wanvae.video.h264;

import org.jcodec.codecs.common.biari.MConst;
import org.jcodec.codecs.h264.decode.CABACContst;

/** The contexts of CABAC, and what bins cost with them. */
final class BinCounter {
    static final int CONTEXTS = 1024;
    /** What one bit counts. */
    static final int BIT = 256;

    /** States that never change, of {@link Bins#BYPASS} and of {@link Bins#TERMINATE}, which costs almost nothing. */
    private static final int EVEN = 128, CERTAIN = 129;

    /**
     * {@code 2 * state + bin}, state being {@code 2 * pStateIdx + valMPS}, to the cost of the bin and, in the lowest eight
     * bits, the next state.
     */
    private static final int[] STEP = new int[260];

    static {
        for (int p = 0; p < 64; p++) {
            // The probability model of 9.3.1.2: each state is the last one times alpha, from 1/2 down to 0.01875 at
            // state 62.
            double less = 0.5 * StrictMath.pow(0.01875 / 0.5, Math.min(p, 62) / 62.0);
            int likely = (int) Math.rint(-StrictMath.log(1 - less) / StrictMath.log(2) * BIT);
            int unlikely = (int) Math.rint(-StrictMath.log(less) / StrictMath.log(2) * BIT);
            for (int mps = 0; mps < 2; mps++) {
                int state = 2 * p + mps;
                STEP[2 * state + mps] = likely << 8 | 2 * Math.min(p + 1, 62) + mps;
                STEP[2 * state + 1 - mps] = unlikely << 8 | 2 * MConst.transitLPS[p] + (p == 0 ? 1 - mps : mps);
            }
        }
        for (int bin = 0; bin < 2; bin++) {
            STEP[2 * EVEN + bin] = BIT << 8 | EVEN;
            STEP[2 * CERTAIN + bin] = CERTAIN;
        }
    }

    private final byte[] states = new byte[CONTEXTS + 2];
    /** How many of the first contexts are used. */
    private final int used;

    BinCounter(ChromaFormat format) {
        used = format.contexts;
        states[Bins.BYPASS] = (byte) EVEN;
        states[Bins.TERMINATE] = (byte) CERTAIN;
    }

    /** The contexts at the start of a slice (9.3.1.1), {@code cabac_init_idc} 0. */
    void initialize(boolean intra, int qp) {
        int[] slope = intra ? CABACContst.cabac_context_init_I_A : CABACContst.cabac_context_init_PB_A[0];
        int[] offset = intra ? CABACContst.cabac_context_init_I_B : CABACContst.cabac_context_init_PB_B[0];
        for (int i = 0; i < used; i++) {
            int state = Math.clamp((slope[i] * qp >> 4) + offset[i], 1, 126);
            states[i] = (byte) (state <= 63 ? 2 * (63 - state) : 2 * (state - 64) + 1);
        }
    }

    /** Of a context, {@code 2 * pStateIdx + valMPS}. */
    int state(int context) {
        return states[context];
    }

    /** Takes over another's contexts, of the same chroma format. */
    void copy(BinCounter other) {
        System.arraycopy(other.states, 0, states, 0, used);
    }

    /** What a bin would cost now, {@link #BIT} for a bit. */
    int cost(int context, int bin) {
        return step(context, bin) >>> 8;
    }

    /** Adapts a context as writing a bin does. */
    void adapt(int context, int bin) {
        states[context] = (byte) step(context, bin);
    }

    /** What bins cost, adapting the contexts as writing does. */
    int count(Bins bins) {
        int[] list = bins.list;
        int cost = 0;
        for (int i = 0; i < bins.count; i++) {
            int context = list[i] >> 1, step = step(context, list[i] & 1);
            states[context] = (byte) step;
            cost += step >>> 8;
        }
        return cost;
    }

    private int step(int context, int bin) {
        return STEP[2 * (states[context] & 0xFF) + bin];
    }
}
