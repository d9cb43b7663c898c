package wanvae.model;

import java.io.IOException;

/** Supplies the frames that enter a network: latents, pixels, or what earlier stages have put aside. */
@FunctionalInterface
public interface StageSource {
    /**
     * Fills frames {@code first}, {@code first + 1}, … of the clip: the pixels of their window, padding channels with
     * zeros. Called by live contexts only.
     *
     * @param target allocated by the network, holding any values
     */
    void read(int first, StageOutput target) throws IOException;

    /**
     * How many of the frames {@code first}, {@code first + 1}, … there are, of those that a network takes together.
     * Only a source that does not know where its clip ends returns fewer than it is asked for. Called by live contexts
     * only.
     *
     * @param most frames that the network would take
     */
    default int available(int first, int most) throws IOException {
        return most;
    }
}
