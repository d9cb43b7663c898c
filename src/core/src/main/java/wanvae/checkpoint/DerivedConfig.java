package wanvae.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.config.WanDefaults;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * The configuration of a checkpoint that comes without one, from its decoder's names and shapes;
 * what these do not tell is the published model's.
 */
final class DerivedConfig {
    private final String where;
    private final Map<String, TensorInfo> tensors;

    private DerivedConfig(String where, Map<String, TensorInfo> tensors) {
        this.where = where;
        this.tensors = tensors;
    }

    /**
     * @param where   the file, for messages
     * @param tensors the decoder's tensors by diffusers name
     * @throws FormatException if these are not a decoder's we know
     */
    static VaeConfig of(String where, Map<String, TensorInfo> tensors) throws FormatException {
        var derived = new DerivedConfig(where, tensors);
        VaeConfig config;
        if (tensors.containsKey("decoder.conv_in.conv.weight")) {
            config = derived.hunyuan();
        } else if (tensors.containsKey("decoder.norm_out.gamma")) {
            config = derived.wan();
        } else {
            throw new FormatException(where
                    + ": not a VAE we can decode with, expected the decoder tensors of Wan 2.1, Wan 2.2, Qwen-Image or "
                    + "HunyuanVideo" + (tensors.isEmpty() ? "" : ", found " + FormatException.quote(tensors.keySet())));
        }
        ConfigCheck.check(config, where);
        return config;
    }

    private WanConfig wan() throws FormatException {
        int z = size("decoder.conv_in.weight", 1);
        int out = size("decoder.conv_out.weight", 0);
        int base = size("decoder.norm_out.gamma", 0);
        boolean residual = tensors.containsKey("decoder.up_blocks.0.upsampler.resample.1.weight");
        var mult = new ArrayList<Integer>();
        var upsample = new ArrayList<Boolean>();
        for (int width : widths("decoder.up_blocks.%d.resnets.0.conv1.weight")) {
            if (base < 1 || width % base != 0) {
                throw new FormatException(where + ": up_blocks." + mult.size() + " is " + width
                        + " channels wide, expected a multiple of the " + base + " of norm_out");
            }
            String upsampler = "decoder.up_blocks." + mult.size() + (residual ? ".upsampler" : ".upsamplers.0");
            upsample.add(tensors.containsKey(upsampler + ".time_conv.weight"));
            mult.add(width / base);
        }
        upsample.removeLast();
        return new WanConfig(
                "AutoencoderKLWan",
                base,
                z,
                mult.reversed(),
                resnets() - 1,
                upsample,
                WanDefaults.mean(z),
                WanDefaults.std(z),
                residual,
                out,
                out == 12 ? 2 : 1);
    }

    private HunyuanConfig hunyuan() throws FormatException {
        return new HunyuanConfig(
                size("decoder.conv_in.conv.weight", 1),
                widths("decoder.up_blocks.%d.resnets.0.conv1.conv.weight").reversed(),
                resnets() - 1,
                tensors.containsKey("decoder.mid_block.attentions.0.to_q.weight"),
                32,
                8,
                4,
                0.476986f);
    }

    /** Widths of the up-blocks, first stage first. */
    private List<Integer> widths(String pattern) throws FormatException {
        var widths = new ArrayList<Integer>();
        while (widths.isEmpty() || tensors.containsKey(pattern.formatted(widths.size())))
            widths.add(size(pattern.formatted(widths.size()), 0));
        return widths;
    }

    /** Residual blocks of the first stage. */
    private int resnets() {
        int n = 0;
        String hunyuan = "decoder.up_blocks.0.resnets.%d.conv1.conv.weight";
        String wan = "decoder.up_blocks.0.resnets.%d.conv1.weight";
        while (tensors.containsKey(wan.formatted(n)) || tensors.containsKey(hunyuan.formatted(n))) n++;
        return n;
    }

    private int size(String tensor, int dimension) throws FormatException {
        TensorInfo info = tensors.get(tensor);
        if (info == null) throw new FormatException(where + ": tensor " + tensor + " is missing");
        if (info.shape().length <= dimension
                || info.shape()[dimension] < 1
                || info.shape()[dimension] > ConfigCheck.WIDEST) {
            throw new FormatException(where + ": tensor " + info + " has a shape that is none of a decoder's");
        }
        return (int) info.shape()[dimension];
    }
}
