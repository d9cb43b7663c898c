package wanvae.video.h264;

import org.jcodec.codecs.common.biari.MConst;
import org.jcodec.codecs.h264.decode.CABACContst;

/** Counts what bins cost, adapting the contexts as writing does. */
final class BinCounter implements Bins {
    /** Contexts of frame pictures in 4:2:0. */
    static final int CONTEXTS = 460;
    /** What one bit counts. */
    static final int BIT = 256;

    /** {@code 2 * pStateIdx + valMPS ^ bin} to the cost of the bin. */
    private static final int[] COST = new int[128];
    /** {@code 2 * state + bin}, state being {@code 2 * pStateIdx + valMPS}, to the next state. */
    private static final byte[] NEXT = new byte[256];

    static {
        for (int p = 0; p < 64; p++) {
            // The probability model of 9.3.1.2: each state is the last one times alpha, from 1/2 down to 0.01875 at
            // state 62.
            double less = 0.5 * StrictMath.pow(0.01875 / 0.5, Math.min(p, 62) / 62.0);
            COST[2 * p] = (int) Math.rint(-StrictMath.log(1 - less) / StrictMath.log(2) * BIT);
            COST[2 * p + 1] = (int) Math.rint(-StrictMath.log(less) / StrictMath.log(2) * BIT);
            for (int mps = 0; mps < 2; mps++) {
                NEXT[2 * (2 * p + mps) + mps] = (byte) (2 * Math.min(p + 1, 62) + mps);
                NEXT[2 * (2 * p + mps) + 1 - mps] = (byte) (2 * MConst.transitLPS[p] + (p == 0 ? 1 - mps : mps));
            }
        }
    }

    private final byte[] states = new byte[CONTEXTS];
    private int cost;

    /** The contexts at the start of a slice (9.3.1.1), {@code cabac_init_idc} 0. */
    void initialize(boolean intra, int qp) {
        int[] slope = intra ? CABACContst.cabac_context_init_I_A : CABACContst.cabac_context_init_PB_A[0];
        int[] offset = intra ? CABACContst.cabac_context_init_I_B : CABACContst.cabac_context_init_PB_B[0];
        for (int i = 0; i < CONTEXTS; i++) {
            int state = Math.clamp((slope[i] * qp >> 4) + offset[i], 1, 126);
            states[i] = (byte) (state <= 63 ? 2 * (63 - state) : 2 * (state - 64) + 1);
        }
        cost = 0;
    }

    /** Of a context, {@code 2 * pStateIdx + valMPS}. */
    int state(int context) {
        return states[context];
    }

    /** Takes over another's contexts and starts counting from 0. */
    void restart(BinCounter other) {
        System.arraycopy(other.states, 0, states, 0, CONTEXTS);
        cost = 0;
    }

    /** What has been counted, {@link #BIT} for a bit. */
    int cost() {
        return cost;
    }

    /** What a bin would cost now. */
    int cost(int context, int bin) {
        return COST[states[context] ^ bin];
    }

    @Override
    public void bin(int context, int bin) {
        int state = states[context];
        cost += COST[state ^ bin];
        states[context] = NEXT[2 * state + bin];
    }

    @Override
    public void bypass(int bin) {
        cost += BIT;
    }

    @Override
    public void terminate(int bin) {
        // Almost nothing, and the same for every candidate.
    }
}
