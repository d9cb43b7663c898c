package wanvae.config;

/** The configuration of a VAE, as its {@code config.json} tells it or as it is derived from tensor names and shapes. */
public sealed interface VaeConfig permits WanConfig, HunyuanConfig {
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

    /** The name a user knows the model by, for messages: "Wan 2.1", "Wan 2.2", "Qwen-Image", "HunyuanVideo". */
    String family();

    /** Frames per second that this family's pipelines export with by default. */
    int defaultFps();
}
