package wanvae.checkpoint.wan;

import java.util.List;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;

/** What Wan's decoder and encoder rely on in a configuration. */
public final class WanConfigCheck {
    /** The classes of diffusers that this family decodes. */
    public static final List<String> CLASSES = List.of(WanConfig.WAN, WanConfig.QWEN_IMAGE);

    private WanConfigCheck() {}

    /**
     * Checks all but the encoder.
     *
     * @throws FormatException in one sentence, if the configuration describes no decoder
     */
    public static void decoder(WanConfig config, ConfigCheck check) throws FormatException {
        int stages = config.dimMult().size();
        int z = config.zDim();
        check.require(
                CLASSES.contains(config.className()),
                "a configuration of " + FormatException.quote(config.className()),
                "one of " + CLASSES);
        check.inRange("z_dim", z, 1, ConfigCheck.WIDEST);
        check.require(
                stages >= 1 && stages <= ConfigCheck.MOST_STAGES,
                "dim_mult has " + stages + " entries",
                "1 to " + ConfigCheck.MOST_STAGES);
        check.require(
                config.temporalUpsample().size() == stages - 1,
                "temperal_downsample has " + config.temporalUpsample().size() + " entries",
                "one less than dim_mult, " + (stages - 1));
        check.inRange("num_res_blocks", config.numResBlocks(), 0, ConfigCheck.MOST_BLOCKS);
        statistics(config, check);
        check.require(
                config.patchSize() == 1 || config.patchSize() == 2, "patch_size is " + config.patchSize(), "1 or 2");
        channels("out_channels", config.outChannels(), config, check);
        widths("decoder", config.decoderBaseDim(), config, check);
        if (config.isResidual()) repeatingShortcuts(config, check);
    }

    /**
     * Checks the encoder of a configuration whose decoder has been checked.
     *
     * @throws FormatException in one sentence, if the configuration describes no encoder
     */
    public static void encoder(WanConfig config, ConfigCheck check) throws FormatException {
        check.require(
                config.isResidual() || config.patchSize() == 1,
                "an encoder beside a decoder that upscales 2x",
                "a decoder alone: Wan 2.1's encoder makes its latents");
        channels("in_channels", config.inChannels(), config, check);
        check.require(
                config.inChannels() == config.outChannels(),
                "in_channels is " + config.inChannels(),
                "out_channels, " + config.outChannels());
        // Without a residual block nothing would widen a stage.
        check.require(config.numResBlocks() >= 1, "num_res_blocks is 0", "at least 1 for an encoder");
        widths("encoder", config.encoderBaseDim(), config, check);
        if (config.isResidual()) averagingShortcuts(config, check);
    }

    /** The channels of whole patches of RGB or RGBA pixels. */
    private static void channels(String key, int channels, WanConfig config, ConfigCheck check) throws FormatException {
        int pixels = config.patchSize() * config.patchSize();
        check.require(
                channels == 3 * pixels || channels == 4 * pixels,
                key + " is " + channels,
                3 * pixels + " or " + 4 * pixels + " where patch_size is " + config.patchSize());
    }

    private static void widths(String half, int baseDim, WanConfig config, ConfigCheck check) throws FormatException {
        for (int mult : config.dimMult()) {
            check.require(mult >= 1, "dim_mult is " + config.dimMult(), "entries of at least 1");
            long width = (long) baseDim * mult;
            check.require(
                    width >= 2 && width <= ConfigCheck.WIDEST,
                    "base_dim (of the " + half + ") times an entry of dim_mult is " + width,
                    "2 to " + ConfigCheck.WIDEST);
        }
    }

    private static void statistics(WanConfig config, ConfigCheck check) throws FormatException {
        int z = config.zDim();
        check.require(
                config.latentsMean().size() == z,
                "latents_mean has " + config.latentsMean().size() + " entries",
                "z_dim, " + z);
        check.require(
                config.latentsStd().size() == z,
                "latents_std has " + config.latentsStd().size() + " entries",
                "z_dim, " + z);
        for (int c = 0; c < z; c++) {
            float mean = config.latentsMean().get(c);
            float std = config.latentsStd().get(c);
            check.require(
                    Float.isFinite(mean) && Float.isFinite(std),
                    "latents_mean and latents_std are " + mean + " and " + std + " for channel " + c,
                    "numbers");
        }
    }

    /** DupUp3D repeats each input channel a whole number of times. */
    private static void repeatingShortcuts(WanConfig config, ConfigCheck check) throws FormatException {
        List<Integer> mult = config.dimMult().reversed();
        for (int stage = 0; stage < mult.size() - 1; stage++) {
            int in = mult.get(Math.max(0, stage - 1));
            int copies = mult.get(stage) * (config.temporalUpsample().get(stage) ? 8 : 4);
            check.require(
                    copies % in == 0,
                    "dim_mult is " + config.dimMult(),
                    "widths that the shortcut of up_blocks." + stage + " can repeat");
        }
    }

    /** AvgDown3D averages a whole number of input channels, each of them in several places. */
    private static void averagingShortcuts(WanConfig config, ConfigCheck check) throws FormatException {
        List<Integer> mult = config.dimMult();
        for (int stage = 0; stage < mult.size(); stage++) {
            boolean last = stage == mult.size() - 1;
            int in = stage == 0 ? 1 : mult.get(stage - 1);
            int places = last ? 1 : config.temporalDownsample().get(stage) ? 8 : 4;
            check.require(
                    last ? in == mult.get(stage) : in * places % mult.get(stage) == 0,
                    "dim_mult is " + config.dimMult(),
                    "widths to which the shortcut of down_blocks." + stage + " can average");
        }
    }
}
