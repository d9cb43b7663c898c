package wanvae.checkpoint.hunyuan;

import java.util.List;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.HunyuanConfig;
import wanvae.tensorfile.FormatException;

/** The configuration of a checkpoint of HunyuanVideo's that comes without one. */
public final class HunyuanDerivedConfig {
    private HunyuanDerivedConfig() {}

    /**
     * Derives the configuration from names and shapes; what these leave open is taken from the published model.
     *
     * @throws FormatException if these are not the tensors of a decoder of this family
     */
    public static HunyuanConfig of(FoundTensors tensors) throws FormatException {
        HunyuanConfig published = HunyuanConfig.HUNYUAN_VIDEO;
        List<Integer> widths = tensors.widths("decoder.up_blocks.%d.resnets.0.conv1.conv.weight")
                .reversed();
        return new HunyuanConfig(
                tensors.size("decoder.conv_in.conv.weight", 1),
                widths,
                tensors.count("decoder.up_blocks.0.resnets.%d.conv1.conv.weight") - 1,
                tensors.has("decoder.mid_block.attentions.0.to_q.weight"),
                groups(widths, published.normNumGroups()),
                published.spatialCompressionRatio(),
                published.temporalCompressionRatio(),
                published.scalingFactor());
    }

    /** As many groups as the published model has, or the most that its widths allow. */
    private static int groups(List<Integer> widths, int published) {
        int most = published;
        while (!allDivide(widths, most)) most--;
        return most;
    }

    private static boolean allDivide(List<Integer> widths, int groups) {
        return widths.stream().allMatch(width -> width % groups == 0);
    }
}
