package wanvae.checkpoint.hunyuan;

import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.HunyuanConfig;
import wanvae.tensorfile.FormatException;

/** The configuration of a checkpoint of HunyuanVideo's that comes without one. */
public final class HunyuanDerivedConfig {
    private HunyuanDerivedConfig() {}

    /**
     * Derives the configuration from names and shapes; what these do not tell is the published model's.
     *
     * @throws FormatException if these are not the tensors of a decoder of this family
     */
    public static HunyuanConfig of(FoundTensors tensors) throws FormatException {
        HunyuanConfig published = HunyuanConfig.HUNYUAN_VIDEO;
        return new HunyuanConfig(
                tensors.size("decoder.conv_in.conv.weight", 1),
                tensors.widths("decoder.up_blocks.%d.resnets.0.conv1.conv.weight")
                        .reversed(),
                tensors.count("decoder.up_blocks.0.resnets.%d.conv1.conv.weight") - 1,
                tensors.has("decoder.mid_block.attentions.0.to_q.weight"),
                published.normNumGroups(),
                published.spatialCompressionRatio(),
                published.temporalCompressionRatio(),
                published.scalingFactor());
    }
}
