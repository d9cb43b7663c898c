package wanvae.checkpoint;

import java.util.List;

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
public record HunyuanConfig(int latentChannels, List<Integer> blockOutChannels, int layersPerBlock, boolean midBlockAddAttention,
                            int normNumGroups, int spatialCompressionRatio, int temporalCompressionRatio, float scalingFactor)
        implements VaeConfig {
    public HunyuanConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
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
}
