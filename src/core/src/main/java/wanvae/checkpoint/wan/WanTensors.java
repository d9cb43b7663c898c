package wanvae.checkpoint.wan;

import java.util.List;
import java.util.Map;
import wanvae.checkpoint.format.TensorShapes;
import wanvae.config.Half;
import wanvae.config.WanConfig;

/**
 * The tensors of Wan's VAE, from its configuration alone. Sources: {@code WanEncoder3d}
 * and {@code WanDecoder3d} of diffusers; Qwen-Image has the same.
 */
public final class WanTensors {
    private WanTensors() {}

    /** Name and shape of every tensor of the decoder, in the order of the computation. */
    public static Map<String, long[]> decoder(WanConfig config) {
        var shapes = new TensorShapes();
        List<Integer> mult = config.dimMult();
        int stages = mult.size();
        long z = config.zDim();
        long in = (long) config.decoderBaseDim() * mult.get(stages - 1);
        shapes.conv("post_quant_conv", z, z, 1, 1, 1);
        shapes.conv("decoder.conv_in", in, z, 3, 3, 3);
        middle(shapes, "decoder.mid_block", in);
        for (int stage = 0; stage < stages; stage++) {
            String block = "decoder.up_blocks." + stage;
            long out = (long) config.decoderBaseDim() * mult.get(stages - 1 - stage);
            for (int j = 0; j <= config.numResBlocks(); j++)
                resnet(shapes, block + ".resnets." + j, j == 0 ? in : out, out);
            in = out;
            if (stage == stages - 1) break;
            String upsampler = block + (config.isResidual() ? ".upsampler" : ".upsamplers.0");
            in = config.isResidual() ? out : out / 2;
            shapes.conv(upsampler + ".resample.1", in, out, 3, 3);
            if (config.temporalUpsample().get(stage)) shapes.conv(upsampler + ".time_conv", 2 * out, out, 3, 1, 1);
        }
        shapes.put("decoder.norm_out.gamma", in, 1, 1, 1);
        shapes.conv("decoder.conv_out", config.outChannels(), in, 3, 3, 3);
        return shapes.all();
    }

    /** Name and shape of every tensor of the encoder, in the order of the computation. */
    public static Map<String, long[]> encoder(WanConfig config) {
        var shapes = new TensorShapes();
        List<Integer> mult = config.dimMult();
        int stages = mult.size(), flat = 0;
        long moments = 2L * config.zDim();
        long in = config.encoderBaseDim();
        shapes.conv("encoder.conv_in", in, config.inChannels(), 3, 3, 3);
        for (int stage = 0; stage < stages; stage++) {
            String block = "encoder.down_blocks." + stage;
            long out = (long) config.encoderBaseDim() * mult.get(stage);
            for (int j = 0; j < config.numResBlocks(); j++)
                resnet(
                        shapes,
                        config.isResidual() ? block + ".resnets." + j : "encoder.down_blocks." + flat++,
                        j == 0 ? in : out,
                        out);
            in = out;
            if (stage == stages - 1) break;
            String downsampler = config.isResidual() ? block + ".downsampler" : "encoder.down_blocks." + flat++;
            shapes.conv(downsampler + ".resample.1", out, out, 3, 3);
            if (config.temporalDownsample().get(stage)) shapes.conv(downsampler + ".time_conv", out, out, 3, 1, 1);
        }
        middle(shapes, "encoder.mid_block", in);
        shapes.put("encoder.norm_out.gamma", in, 1, 1, 1);
        shapes.conv("encoder.conv_out", moments, in, 3, 3, 3);
        shapes.conv("quant_conv", moments, moments, 1, 1, 1);
        return shapes.all();
    }

    private static void middle(TensorShapes shapes, String name, long width) {
        resnet(shapes, name + ".resnets.0", width, width);
        String attention = name + ".attentions.0";
        shapes.put(attention + ".norm.gamma", width, 1, 1);
        shapes.conv(attention + ".to_qkv", 3 * width, width, 1, 1);
        shapes.conv(attention + ".proj", width, width, 1, 1);
        resnet(shapes, name + ".resnets.1", width, width);
    }

    private static void resnet(TensorShapes shapes, String name, long in, long out) {
        shapes.put(name + ".norm1.gamma", in, 1, 1, 1);
        shapes.conv(name + ".conv1", out, in, 3, 3, 3);
        shapes.put(name + ".norm2.gamma", out, 1, 1, 1);
        shapes.conv(name + ".conv2", out, out, 3, 3, 3);
        if (in != out) shapes.conv(name + ".conv_shortcut", out, in, 1, 1, 1);
    }

    /** The values that the shapes of a half follow from, under their names in {@code config.json}. */
    public static String describe(WanConfig config, Half half) {
        String first = half == Half.DECODER
                ? "decoder's base_dim " + config.decoderBaseDim()
                : "encoder's base_dim " + config.encoderBaseDim() + ", in_channels " + config.inChannels();
        return first + ", dim_mult " + config.dimMult() + ", num_res_blocks " + config.numResBlocks() + ", z_dim "
                + config.zDim() + ", is_residual " + config.isResidual();
    }
}
