package wanvae.model;

import wanvae.config.VaeConfig;

/**
 * A family's encoder with its weights: from pictures, cut into patches, {@code [H][W][imageChannels·p·p]}, to the
 * moments of the latents' distribution, {@code [H][W][2·latentChannels]}: means, then logarithms of variances. A clip
 * that enters is described by its frames, its height and its width in patches. Immutable and safe for many encodes at
 * once; an encode's state lives in its {@link ForwardContext}.
 */
public interface VaeEncoder extends StreamingNetwork {
    VaeConfig config();

    /** Whether moments come out. Otherwise the latents themselves do, {@code [H][W][latentChannels]}. */
    default boolean hasPosterior() {
        return true;
    }

    /**
     * Whether pictures may be any number of patches high and wide. Patches at the right and the bottom that do not fill
     * a latent pixel then contribute to their neighbours' latents, as in the reference.
     */
    boolean takesOddSizes();

    /** How many of a video's frames are encoded. The others, at its end, are left out, as in the reference. */
    int encodedFrames(int frames);
}
