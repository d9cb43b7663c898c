package wanvae.decode;

/**
 * Is told of a decode's progress. It is called by the thread that called the decode or by one that works for it, never
 * by two at once; the decode waits for it. What it throws ends the decode and is thrown by it unchanged.
 */
@FunctionalInterface
public interface DecodeListener {
    /**
     * A piece of work has ended.
     *
     * @param framesDone  frames handed to the sink's thread so far, over all members; the sink may be a few behind
     * @param framesTotal frames that the whole decode hands over
     * @param workDone    share of the arithmetic done so far, in [0, 1]; grows between frames too
     */
    void progress(int framesDone, int framesTotal, double workDone);
}
