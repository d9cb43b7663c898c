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
}
