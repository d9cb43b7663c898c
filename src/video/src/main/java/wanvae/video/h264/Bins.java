package wanvae.video.h264;

/**
 * The bins of a macroblock in CABAC (9.3.1): {@link BinWriter} writes them, {@link BinCounter} says what they cost. A list
 * rather than calls of one or the other, so that both are short loops.
 */
final class Bins {
    /** In place of a context: a bin of probability one half, and end_of_slice_flag or the flag of I_PCM. */
    static final int BYPASS = BinCounter.CONTEXTS, TERMINATE = BYPASS + 1;
    /** {@code 2 * context + bin} of each. */
    final int[] list;

    int count;
    /** Room for {@link ResidualWriter}: the levels of a block other than 0. */
    final int[] nonZero = new int[64];

    Bins(ChromaFormat format) {
        list = new int[format.samples() * 40 + 1024]; // a level of the finest quantiser takes at most 40 bins
    }

    void clear() {
        count = 0;
    }

    /** A bin with the adaptive probability of context {@code context}. */
    void bin(int context, int bin) {
        list[count++] = 2 * context + bin;
    }

    void bypass(int bin) {
        bin(BYPASS, bin);
    }

    void terminate(int bin) {
        bin(TERMINATE, bin);
    }
}
