package wanvae.config;

import java.util.Optional;
import wanvae.latent.LatentSpace;

/**
 * The configuration of a VAE, as its {@code config.json} states it or as it is derived from tensor names and shapes.
 * What differs from family to family is asked of this interface; callers do not tell the families apart.
 */
public sealed interface VaeConfig permits WanConfig, HunyuanConfig, TaeConfig {
    /** {@code _class_name}: the class of diffusers that this configures, "AutoencoderKLWan". */
    String className();

    /** The name a user knows the model by, for messages: "Wan 2.1", "Qwen-Image", "taew2_1". */
    String family();

    /** Channels of the latents this VAE decodes. */
    int latentChannels();

    /** Pixels a latent pixel becomes along each spatial axis (8; 16 for Wan 2.2). */
    int spatialScale();

    /** Pixels of conv_out's patches along each axis (1; 2 for Wan 2.2). */
    default int patchSize() {
        return 1;
    }

    /** Frames that each latent frame but the first becomes (4). */
    int temporalScale();

    /** Channels of a picture: 3 (RGB), or 4 where it has an alpha channel (RGBA: Qwen-Image-Layered). */
    default int imageChannels() {
        return 3;
    }

    /** Frames per second that this family's pipelines export with by default. */
    int defaultFps();

    /** Whether this family's encoder is supported, and not only its decoder. */
    default boolean encodes() {
        return true;
    }

    /** How this family's pipelines normalise latents. */
    LatentScaling latentScaling();

    /** Whether the decoder takes latents as pipelines have them, normalised, instead of {@code z}. */
    default boolean decodesNormalized() {
        return false;
    }

    /** Whether the network's pictures have values in [0, 1] instead of [-1, 1]. */
    default boolean unitRange() {
        return false;
    }

    /**
     * Whether the channels of a patch are its rows one after another (PyTorch's {@code pixel_shuffle}) instead of its
     * columns (Wan 2.2).
     */
    default boolean patchesByRows() {
        return false;
    }

    /** How a latent pixel becomes a colour without decoding; empty where no factors are known. */
    default Optional<LatentRgb> latentRgb() {
        return Optional.empty();
    }

    /** What latents of this VAE look like, for reading files whose axes or values are not known. */
    default LatentSpace latentSpace() {
        return new LatentSpace(
                latentScaling().shifts(),
                latentScaling().divisors().stream()
                        .map(divisor -> Math.abs(1f / divisor))
                        .toList(),
                spatialScale());
    }

    /**
     * Whether the decoder sees all frames of a clip at once, so that tiles in time bound its memory and change its
     * result. Otherwise frames pass one after another and the result does not depend on how many go together.
     */
    default boolean tilesInTime() {
        return false;
    }

    /**
     * Whether pieces of a picture can be decoded one by one with the same result as the whole. Otherwise a decode in
     * less memory needs blended tiles, which change the result.
     */
    default boolean decodesInPieces() {
        return true;
    }

    /** Whether the reference clamps a tiled result to [-1, 1], as it does an untiled one. */
    default boolean clampsTiles() {
        return true;
    }

    /** What else {@code wanvae info} shows of this configuration. */
    ConfigFacts facts();
}
