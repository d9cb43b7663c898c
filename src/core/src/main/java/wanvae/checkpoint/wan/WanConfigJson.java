package wanvae.checkpoint.wan;

import java.util.List;
import wanvae.checkpoint.format.ConfigValues;
import wanvae.checkpoint.format.ConfigWriter;
import wanvae.config.WanConfig;
import wanvae.config.WanDefaults;
import wanvae.tensorfile.FormatException;

/** The {@code config.json} of Wan's and Qwen-Image's VAEs, under diffusers' keys. */
public final class WanConfigJson {
    private WanConfigJson() {}

    /** Reads a configuration; a missing key has Wan 2.1's value. */
    public static WanConfig read(ConfigValues json) throws FormatException {
        String className = json.text("_class_name", WanConfig.WAN);
        // AutoencoderKLQwenImage has one number of channels for both ends, AutoencoderKLWan one for each.
        boolean one = className.equals(WanConfig.QWEN_IMAGE);
        int out = json.integer(one ? "input_channels" : "out_channels", 3);
        int in = one ? out : json.integer("in_channels", out);
        int baseDim = json.integer("base_dim", 96);
        int z = json.integer("z_dim", 16);
        boolean residual = json.flag("is_residual", false);
        // The configuration of the 2x upscaling VAE does not say that its channels are those of 2x2 pixels.
        int patch = json.integer("patch_size", !residual && out >= 12 ? 2 : 1);
        return new WanConfig(
                className,
                json.integer("decoder_base_dim", baseDim),
                z,
                json.integers("dim_mult", List.of(1, 2, 4, 4)),
                json.integer("num_res_blocks", 2),
                json.flags("temperal_downsample", List.of(false, true, true)).reversed(),
                json.numbers("latents_mean", WanDefaults.mean(z)),
                json.numbers("latents_std", WanDefaults.std(z)),
                residual,
                out,
                patch,
                baseDim,
                in);
    }

    /** Writes a configuration. */
    public static void write(ConfigWriter json, WanConfig config) {
        json.put("_class_name", config.className());
        json.put("base_dim", config.encoderBaseDim());
        if (config.decoderBaseDim() != config.encoderBaseDim()) json.put("decoder_base_dim", config.decoderBaseDim());
        json.put("dim_mult", config.dimMult());
        if (config.isQwenImage() && config.outChannels() != 3) json.put("input_channels", config.outChannels());
        if (!config.isQwenImage() && config.inChannels() != 3) json.put("in_channels", config.inChannels());
        if (config.isResidual()) json.put("is_residual", true);
        json.put("latents_mean", config.latentsMean());
        json.put("latents_std", config.latentsStd());
        json.put("num_res_blocks", config.numResBlocks());
        if (!config.isQwenImage() && config.outChannels() != 3) json.put("out_channels", config.outChannels());
        if (config.patchSize() != 1) json.put("patch_size", config.patchSize());
        json.put("temperal_downsample", config.temporalDownsample());
        json.put("z_dim", config.zDim());
    }
}
