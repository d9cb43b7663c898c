package wanvae.checkpoint.hunyuan;

import java.util.List;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.config.HunyuanConfig;
import wanvae.tensorfile.FormatException;

/** The {@code config.json} of HunyuanVideo's VAE, under diffusers' keys. */
public final class HunyuanConfigJson {
    /** diffusers' class and the original code's, which have the same keys. */
    public static final List<String> CLASSES = List.of(HunyuanConfig.CLASS_NAME, "AutoencoderKLCausal3D");

    private static final HunyuanConfig PUBLISHED = HunyuanConfig.HUNYUAN_VIDEO;

    private HunyuanConfigJson() {}

    /** Reads a configuration; a missing key has HunyuanVideo's value. */
    public static HunyuanConfig read(ConfigValues json) throws FormatException {
        String activation = json.text("act_fn", "silu");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw new FormatException(
                    json.file() + ": act_fn is " + FormatException.quote(activation) + ", expected silu");
        }
        int out = json.integer("out_channels", 3);
        if (out != 3) throw new FormatException(json.file() + ": out_channels is " + out + ", expected 3");
        return new HunyuanConfig(
                json.integer("latent_channels", PUBLISHED.latentChannels()),
                json.integers("block_out_channels", PUBLISHED.blockOutChannels()),
                json.integer("layers_per_block", PUBLISHED.layersPerBlock()),
                json.flag("mid_block_add_attention", PUBLISHED.midBlockAddAttention()),
                json.integer("norm_num_groups", PUBLISHED.normNumGroups()),
                json.integer("spatial_compression_ratio", PUBLISHED.spatialCompressionRatio()),
                json.integer("temporal_compression_ratio", PUBLISHED.temporalCompressionRatio()),
                json.number("scaling_factor", PUBLISHED.scalingFactor()));
    }

    /** Writes a configuration. */
    public static void write(ConfigWriter json, HunyuanConfig config) {
        json.put("_class_name", HunyuanConfig.CLASS_NAME);
        json.put("act_fn", "silu");
        json.put("block_out_channels", config.blockOutChannels());
        json.put("latent_channels", config.latentChannels());
        json.put("layers_per_block", config.layersPerBlock());
        json.put("mid_block_add_attention", config.midBlockAddAttention());
        json.put("norm_num_groups", config.normNumGroups());
        json.put("scaling_factor", config.scalingFactor());
        json.put("spatial_compression_ratio", config.spatialCompressionRatio());
        json.put("temporal_compression_ratio", config.temporalCompressionRatio());
    }
}
