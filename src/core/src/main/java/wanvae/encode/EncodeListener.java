package wanvae.encode;

/**
 * Is told of an encode's progress. It is called by the thread that called the encode or by one that works for it, never
 * by two at once; the encode waits for it. What it throws ends the encode and is thrown by it unchanged.
 */
@FunctionalInterface
public interface EncodeListener {
    /**
     * A piece of work has ended.
     *
     * @param framesDone  latent frames handed to the sink so far, over all members
     * @param framesTotal latent frames that the whole encode hands over; {@link wanvae.latent.EncodedShape#UNKNOWN}
     *                    where the length of the video is not known
     * @param workDone    share of the arithmetic done so far, in [0, 1]; 0 where the length of the video is not known
     */
    void progress(int framesDone, int framesTotal, double workDone);
}
