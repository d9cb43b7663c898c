package wanvae.checkpoint.wan;

import java.util.List;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;

/** What Wan's decoder relies on in a configuration. */
public final class WanConfigCheck {
    /** The classes of diffusers that this family decodes. */
    public static final List<String> CLASSES = List.of(WanConfig.WAN, WanConfig.QWEN_IMAGE);

    private WanConfigCheck() {}

    /** @throws FormatException in one sentence, if the configuration describes no decoder */
    public static void check(WanConfig config, ConfigCheck check) throws FormatException {
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
        int out = 3 * config.patchSize() * config.patchSize();
        check.require(
                config.outChannels() == out,
                "out_channels is " + config.outChannels(),
                out + " where patch_size is " + config.patchSize());
        for (int mult : config.dimMult()) {
            check.require(mult >= 1, "dim_mult is " + config.dimMult(), "entries of at least 1");
            long width = (long) config.decoderBaseDim() * mult;
            check.require(
                    width >= 2 && width <= ConfigCheck.WIDEST,
                    "base_dim (of the decoder) times an entry of dim_mult is " + width,
                    "2 to " + ConfigCheck.WIDEST);
        }
        if (config.isResidual()) shortcuts(config, check);
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
    private static void shortcuts(WanConfig config, ConfigCheck check) throws FormatException {
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
}
