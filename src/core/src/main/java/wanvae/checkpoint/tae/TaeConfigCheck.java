package wanvae.checkpoint.tae;

import java.util.List;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.config.TaeConfig;
import wanvae.tensorfile.FormatException;

/** What tiny autoencoders rely on in a configuration. */
public final class TaeConfigCheck {
    /** Depthwise convolutions of a frame and the one before it take whole blocks of channels. */
    private static final int SUPER_BLOCK = 16;

    private TaeConfigCheck() {}

    /**
     * Checks all but the encoder.
     *
     * @throws FormatException in one sentence, if the configuration describes no decoder
     */
    public static void decoder(TaeConfig config, ConfigCheck check) throws FormatException {
        int latents = config.model().full().latentChannels();
        check.require(
                config.latentChannels() == latents,
                "latent_channels is " + config.latentChannels(),
                latents + ", as " + config.model().full().family() + " has");
        check.inRange("patch_size", config.patchSize(), 1, 2);
        entries("widths", config.widths(), TaeConfig.STAGES + 1, ConfigCheck.WIDEST / 16, check);
        entries("growth", config.growth(), TaeConfig.STAGES, 2, check);
        check.require(config.temporalScale() == 4, "growth is " + config.growth(), "four frames for each latent frame");
        for (int width : config.widths())
            check.require(
                    !config.isSuper() || width % SUPER_BLOCK == 0,
                    "widths is " + config.widths(),
                    "multiples of " + SUPER_BLOCK);
    }

    /**
     * Checks the encoder of a configuration whose decoder has been checked.
     *
     * @throws FormatException in one sentence, if the configuration describes no encoder
     */
    public static void encoder(TaeConfig config, ConfigCheck check) throws FormatException {
        check.inRange("encoder_width", config.encoderWidth(), 1, ConfigCheck.WIDEST / 16);
        entries("pooling", config.pooling(), TaeConfig.STAGES, 2, check);
        int frames = config.pooling().stream().reduce(1, (a, b) -> a * b);
        check.require(frames == 4, "pooling is " + config.pooling(), "a latent frame for each four frames");
    }

    private static void entries(String name, List<Integer> values, int count, int most, ConfigCheck check)
            throws FormatException {
        boolean fits = values.size() == count && values.stream().allMatch(value -> value >= 1 && value <= most);
        check.require(fits, name + " is " + values, count + " numbers from 1 to " + most);
    }
}
