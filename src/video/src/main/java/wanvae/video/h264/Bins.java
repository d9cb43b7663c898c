package wanvae.video.h264;

/** Takes the bins of CABAC (9.3.1): to write them, or to count what they cost. */
interface Bins {
    /** A bin with the adaptive probability of context {@code context}. */
    void bin(int context, int bin);

    /** A bin of probability one half. */
    void bypass(int bin);

    /** end_of_slice_flag, and the flag of I_PCM. */
    void terminate(int bin);
}
