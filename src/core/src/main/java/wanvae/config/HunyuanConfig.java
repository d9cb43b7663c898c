package wanvae.config;

import java.util.List;
import java.util.Optional;

/**
 * Configuration of {@code AutoencoderKLHunyuanVideo}; defaults are HunyuanVideo's.
 *
 * @param latentChannels           channels of the latents (16)
 * @param blockOutChannels         stage widths, last decoder stage first ([128, 256, 512, 512])
 * @param layersPerBlock           residual blocks of a stage, less one (2)
 * @param midBlockAddAttention     whether mid_block has its attention
 * @param normNumGroups            groups of every GroupNorm (32)
 * @param spatialCompressionRatio  8 or a smaller power of two
 * @param temporalCompressionRatio 4
 * @param scalingFactor            normalised latents are divided by it (0.476986)
 */
public record HunyuanConfig(
        int latentChannels,
        List<Integer> blockOutChannels,
        int layersPerBlock,
        boolean midBlockAddAttention,
        int normNumGroups,
        int spatialCompressionRatio,
        int temporalCompressionRatio,
        float scalingFactor)
        implements VaeConfig {
    /** {@code _class_name} of HunyuanVideo's VAE. */
    public static final String CLASS_NAME = "AutoencoderKLHunyuanVideo";

    /** The configuration of HunyuanVideo. */
    public static final HunyuanConfig HUNYUAN_VIDEO =
            new HunyuanConfig(16, List.of(128, 256, 512, 512), 2, true, 32, 8, 4, 0.476986f);

    /** Copies the list. */
    public HunyuanConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
    }

    /** Whether up_blocks.{@code stage} doubles height and width. */
    public boolean upsamplesSpace(int stage) {
        return 1 << stage < spatialCompressionRatio;
    }

    /**
     * Whether up_blocks.{@code stage} doubles the frames but the first: two stages, the last but one and the one before
     * it.
     */
    public boolean upsamplesTime(int stage) {
        int stages = blockOutChannels.size();
        return stages - 3 <= stage && stage < stages - 1;
    }

    @Override
    public int spatialScale() {
        return spatialCompressionRatio;
    }

    @Override
    public int temporalScale() {
        return temporalCompressionRatio;
    }

    @Override
    public String family() {
        return "HunyuanVideo";
    }

    @Override
    public int defaultFps() {
        return 15;
    }

    @Override
    public String className() {
        return CLASS_NAME;
    }

    @Override
    public boolean encodes() {
        return false;
    }

    /** {@code latents / scaling_factor}. */
    @Override
    public LatentScaling latentScaling() {
        return LatentScaling.uniform(latentChannels, scalingFactor);
    }

    @Override
    public Optional<LatentRgb> latentRgb() {
        return latentChannels == 16 ? Optional.of(LatentRgb.HUNYUAN_VIDEO) : Optional.empty();
    }

    /** Its group norms mix all frames. */
    @Override
    public boolean tilesInTime() {
        return true;
    }

    /** Its group norms mix all pixels. */
    @Override
    public boolean decodesInPieces() {
        return false;
    }

    @Override
    public ConfigFacts facts() {
        return ConfigFacts.none()
                .with("class", "class", CLASS_NAME)
                .with("widths", "block_out_channels", blockOutChannels)
                .withLine("layers", layersPerBlock + " a block, " + normNumGroups + " norm groups")
                .withValue("layers_per_block", layersPerBlock)
                .withValue("norm_num_groups", normNumGroups)
                .with("scaling_factor", "scaling_factor", scalingFactor);
    }
}
