package wanvae.checkpoint.hunyuan;

import wanvae.checkpoint.format.ConfigCheck;
import wanvae.config.HunyuanConfig;
import wanvae.tensorfile.FormatException;

/** What HunyuanVideo's decoder relies on in a configuration. */
public final class HunyuanConfigCheck {
    private HunyuanConfigCheck() {}

    /**
     * Checks a configuration.
     *
     * @throws FormatException in one sentence, if the configuration describes no decoder
     */
    public static void check(HunyuanConfig config, ConfigCheck check) throws FormatException {
        int stages = config.blockOutChannels().size();
        int space = config.spatialCompressionRatio();
        check.inRange("latent_channels", config.latentChannels(), 1, ConfigCheck.WIDEST);
        check.require(
                stages >= 3 && stages <= ConfigCheck.MOST_STAGES,
                "block_out_channels has " + stages + " entries",
                "3 to " + ConfigCheck.MOST_STAGES);
        check.inRange("layers_per_block", config.layersPerBlock(), 0, ConfigCheck.MOST_BLOCKS);
        check.require(config.normNumGroups() >= 1, "norm_num_groups is " + config.normNumGroups(), "at least 1");
        for (int width : config.blockOutChannels()) {
            check.require(
                    width >= 1 && width <= ConfigCheck.WIDEST && width % config.normNumGroups() == 0,
                    "block_out_channels is " + config.blockOutChannels(),
                    "widths up to " + ConfigCheck.WIDEST + " that norm_num_groups, " + config.normNumGroups()
                            + ", divides");
        }
        check.require(
                config.temporalCompressionRatio() == 4,
                "temporal_compression_ratio is " + config.temporalCompressionRatio(),
                "4");
        check.require(
                space >= 1 && Integer.bitCount(space) == 1 && space <= 1 << stages,
                "spatial_compression_ratio is " + space,
                "a power of two up to " + (1 << stages));
        check.require(
                config.scalingFactor() > 0 && Float.isFinite(config.scalingFactor()),
                "scaling_factor is " + config.scalingFactor(),
                "more than 0");
    }
}
