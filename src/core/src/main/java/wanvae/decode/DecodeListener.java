package wanvae.decode;

/**
 * Told how a decode goes on; called from the decoding thread or one that works for it, never concurrently. Exceptions
 * it throws end the decode.
 */
@FunctionalInterface
public interface DecodeListener {
    /**
     * A piece of work has ended.
     *
     * @param framesDone  frames delivered to the sink so far, over all members
     * @param framesTotal frames that will be delivered
     * @param workDone    share of the arithmetic done so far, in [0, 1]; grows between frames too
     */
    void progress(int framesDone, int framesTotal, double workDone);
}
