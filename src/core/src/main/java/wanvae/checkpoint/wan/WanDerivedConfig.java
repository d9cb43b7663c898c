package wanvae.checkpoint.wan;

import java.util.ArrayList;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.WanConfig;
import wanvae.config.WanDefaults;
import wanvae.tensorfile.FormatException;

/** The configuration of a checkpoint of Wan's that comes without one. */
public final class WanDerivedConfig {
    private WanDerivedConfig() {}

    /**
     * Derives the configuration from names and shapes; what these leave open is taken from the published model.
     *
     * @throws FormatException if these are not the tensors of a decoder of this family
     */
    public static WanConfig of(FoundTensors tensors) throws FormatException {
        int z = tensors.size("decoder.conv_in.weight", 1);
        int out = tensors.size("decoder.conv_out.weight", 0);
        int base = tensors.size("decoder.norm_out.gamma", 0);
        boolean residual = tensors.has("decoder.up_blocks.0.upsampler.resample.1.weight");
        var mult = new ArrayList<Integer>();
        var upsample = new ArrayList<Boolean>();
        for (int width : tensors.widths("decoder.up_blocks.%d.resnets.0.conv1.weight")) {
            if (width % base != 0) {
                throw new FormatException(tensors.where() + ": up_blocks." + mult.size() + " is " + width
                        + " channels wide, expected a multiple of the " + base + " of norm_out");
            }
            String upsampler = "decoder.up_blocks." + mult.size() + (residual ? ".upsampler" : ".upsamplers.0");
            upsample.add(tensors.has(upsampler + ".time_conv.weight"));
            mult.add(width / base);
        }
        upsample.removeLast();
        var config = new WanConfig(
                WanConfig.WAN,
                base,
                z,
                mult.reversed(),
                tensors.count("decoder.up_blocks.0.resnets.%d.conv1.weight") - 1,
                upsample,
                WanDefaults.mean(z),
                WanDefaults.std(z),
                residual,
                out,
                out < 12 ? 1 : 2);
        return config.withEncoder(
                tensors.sizeOr("encoder.conv_in.weight", 0, config.encoderBaseDim()),
                tensors.sizeOr("encoder.conv_in.weight", 1, config.inChannels()));
    }
}
