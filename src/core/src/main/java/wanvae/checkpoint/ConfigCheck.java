package wanvae.checkpoint;

import java.util.List;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;

/** Whether a configuration describes a decoder at all: what the model relies on, whatever file it came from. */
final class ConfigCheck {
    /** Largest width we accept; keeps every product of a tensor's shape far from overflow. */
    static final int WIDEST = 1 << 16;

    private static final List<String> WAN_CLASSES = List.of("AutoencoderKLWan", "AutoencoderKLQwenImage");
    private static final int MOST_STAGES = 8;
    private static final int MOST_BLOCKS = 64;

    private final String where;

    private ConfigCheck(String where) {
        this.where = where;
    }

    /** @param where file or tensor names the configuration comes from, for the message */
    static void check(VaeConfig config, String where) throws FormatException {
        var check = new ConfigCheck(where);
        switch (config) {
            case WanConfig wan -> check.wan(wan);
            case HunyuanConfig hunyuan -> check.hunyuan(hunyuan);
        }
    }

    private void wan(WanConfig config) throws FormatException {
        int stages = config.dimMult().size();
        int z = config.zDim();
        require(
                WAN_CLASSES.contains(config.className()),
                "a configuration of " + FormatException.quote(config.className()),
                "one of " + WAN_CLASSES);
        require(z >= 1 && z <= WIDEST, "z_dim is " + z, "1 to " + WIDEST);
        require(stages >= 1 && stages <= MOST_STAGES, "dim_mult has " + stages + " entries", "1 to " + MOST_STAGES);
        require(
                config.temporalUpsample().size() == stages - 1,
                "temperal_downsample has " + config.temporalUpsample().size() + " entries",
                "one less than dim_mult, " + (stages - 1));
        require(
                config.numResBlocks() >= 0 && config.numResBlocks() <= MOST_BLOCKS,
                "num_res_blocks is " + config.numResBlocks(),
                "0 to " + MOST_BLOCKS);
        require(
                config.latentsMean().size() == z,
                "latents_mean has " + config.latentsMean().size() + " entries",
                "z_dim, " + z);
        require(
                config.latentsStd().size() == z,
                "latents_std has " + config.latentsStd().size() + " entries",
                "z_dim, " + z);
        require(config.patchSize() == 1 || config.patchSize() == 2, "patch_size is " + config.patchSize(), "1 or 2");
        int out = 3 * config.patchSize() * config.patchSize();
        require(
                config.outChannels() == out,
                "out_channels is " + config.outChannels(),
                out + " where patch_size is " + config.patchSize());
        for (int c = 0; c < z; c++) {
            float mean = config.latentsMean().get(c);
            float std = config.latentsStd().get(c);
            require(
                    Float.isFinite(mean) && Float.isFinite(std),
                    "latents_mean and latents_std are " + mean + " and " + std + " for channel " + c,
                    "numbers");
        }
        for (int mult : config.dimMult()) {
            require(mult >= 1, "dim_mult is " + config.dimMult(), "entries of at least 1");
            long width = (long) config.decoderBaseDim() * mult;
            require(
                    width >= 2 && width <= WIDEST,
                    "base_dim (of the decoder) times an entry of dim_mult is " + width,
                    "2 to " + WIDEST);
        }
        if (config.isResidual()) shortcuts(config);
    }

    /** DupUp3D repeats each input channel a whole number of times. */
    private void shortcuts(WanConfig config) throws FormatException {
        List<Integer> mult = config.dimMult().reversed();
        for (int stage = 0; stage < mult.size() - 1; stage++) {
            int in = mult.get(Math.max(0, stage - 1));
            int copies = mult.get(stage) * (config.temporalUpsample().get(stage) ? 8 : 4);
            require(
                    copies % in == 0,
                    "dim_mult is " + config.dimMult(),
                    "widths that the shortcut of up_blocks." + stage + " can repeat");
        }
    }

    private void hunyuan(HunyuanConfig config) throws FormatException {
        int stages = config.blockOutChannels().size();
        int z = config.latentChannels();
        int space = config.spatialCompressionRatio();
        require(z >= 1 && z <= WIDEST, "latent_channels is " + z, "1 to " + WIDEST);
        require(
                stages >= 3 && stages <= MOST_STAGES,
                "block_out_channels has " + stages + " entries",
                "3 to " + MOST_STAGES);
        require(
                config.layersPerBlock() >= 0 && config.layersPerBlock() <= MOST_BLOCKS,
                "layers_per_block is " + config.layersPerBlock(),
                "0 to " + MOST_BLOCKS);
        require(config.normNumGroups() >= 1, "norm_num_groups is " + config.normNumGroups(), "at least 1");
        for (int width : config.blockOutChannels()) {
            require(
                    width >= 1 && width <= WIDEST && width % config.normNumGroups() == 0,
                    "block_out_channels is " + config.blockOutChannels(),
                    "widths up to " + WIDEST + " that norm_num_groups, " + config.normNumGroups() + ", divides");
        }
        require(
                config.temporalCompressionRatio() == 4,
                "temporal_compression_ratio is " + config.temporalCompressionRatio(),
                "4");
        require(
                space >= 1 && Integer.bitCount(space) == 1 && space <= 1 << stages,
                "spatial_compression_ratio is " + space,
                "a power of two up to " + (1 << stages));
        require(
                config.scalingFactor() > 0 && Float.isFinite(config.scalingFactor()),
                "scaling_factor is " + config.scalingFactor(),
                "more than 0");
    }

    private void require(boolean condition, String found, String expected) throws FormatException {
        if (!condition) throw new FormatException(where + ": " + found + ", expected " + expected);
    }
}
