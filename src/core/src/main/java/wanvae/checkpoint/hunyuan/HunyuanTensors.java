package wanvae.checkpoint.hunyuan;

import java.util.List;
import java.util.Map;
import wanvae.checkpoint.format.TensorShapes;
import wanvae.config.HunyuanConfig;

/**
 * The tensors of HunyuanVideo's VAE, from its configuration alone. Source: {@code HunyuanVideoDecoder3D} of diffusers.
 */
public final class HunyuanTensors {
    private HunyuanTensors() {}

    /** Name and shape of every tensor of the decoder, in the order of the computation. */
    public static Map<String, long[]> decoder(HunyuanConfig config) {
        var shapes = new TensorShapes();
        List<Integer> widths = config.blockOutChannels().reversed();
        long z = config.latentChannels();
        long in = widths.getFirst();
        shapes.conv("post_quant_conv", z, z, 1, 1, 1);
        shapes.conv("decoder.conv_in.conv", in, z, 3, 3, 3);
        resnet(shapes, "decoder.mid_block.resnets.0", in, in);
        if (config.midBlockAddAttention()) {
            String attention = "decoder.mid_block.attentions.0";
            norm(shapes, attention + ".group_norm", in);
            for (String linear : List.of(".to_q", ".to_k", ".to_v", ".to_out.0"))
                shapes.conv(attention + linear, in, in);
        }
        resnet(shapes, "decoder.mid_block.resnets.1", in, in);
        for (int stage = 0; stage < widths.size(); stage++) {
            String block = "decoder.up_blocks." + stage;
            long out = widths.get(stage);
            for (int j = 0; j <= config.layersPerBlock(); j++)
                resnet(shapes, block + ".resnets." + j, j == 0 ? in : out, out);
            if (config.upsamplesSpace(stage) || config.upsamplesTime(stage))
                shapes.conv(block + ".upsamplers.0.conv.conv", out, out, 3, 3, 3);
            in = out;
        }
        norm(shapes, "decoder.conv_norm_out", in);
        shapes.conv("decoder.conv_out.conv", 3, in, 3, 3, 3);
        return shapes.all();
    }

    private static void resnet(TensorShapes shapes, String name, long in, long out) {
        norm(shapes, name + ".norm1", in);
        shapes.conv(name + ".conv1.conv", out, in, 3, 3, 3);
        norm(shapes, name + ".norm2", out);
        shapes.conv(name + ".conv2.conv", out, out, 3, 3, 3);
        if (in != out) shapes.conv(name + ".conv_shortcut.conv", out, in, 1, 1, 1);
    }

    private static void norm(TensorShapes shapes, String name, long channels) {
        shapes.put(name + ".weight", channels);
        shapes.put(name + ".bias", channels);
    }

    /** The values that the decoder's shapes follow from, under their names in {@code config.json}. */
    public static String describe(HunyuanConfig config) {
        return "block_out_channels " + config.blockOutChannels() + ", layers_per_block " + config.layersPerBlock()
                + ", latent_channels " + config.latentChannels();
    }
}
