package wanvae.checkpoint;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * The tensors a decoder consists of, by diffusers name, from its configuration alone.
 * Sources: {@code WanDecoder3d}, {@code QwenImageDecoder3d} and {@code HunyuanVideoDecoder3D} of diffusers.
 */
public final class DecoderTensors {
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private DecoderTensors() {}

    /** Name and shape of every tensor that decoding needs, in the order of the computation. Unmodifiable. */
    public static Map<String, long[]> of(VaeConfig config) {
        var tensors = new DecoderTensors();
        switch (config) {
            case WanConfig wan -> tensors.wan(wan);
            case HunyuanConfig hunyuan -> tensors.hunyuan(hunyuan);
        }
        return Collections.unmodifiableMap(tensors.shapes);
    }

    /**
     * Checks that the tensors found are exactly the decoder's.
     *
     * @param configured where the configuration comes from, for messages
     * @param found      tensors by diffusers name
     * @param where      the file they are in, for messages
     * @return the tensors in the order of {@link #of}, unmodifiable
     * @throws FormatException naming tensor, shape and the configuration's values where one is missing, has another
     *         shape, or has no place
     */
    static Map<String, TensorInfo> match(
            VaeConfig config, String configured, Map<String, TensorInfo> found, String where) throws FormatException {
        Map<String, long[]> shapes = of(config);
        var tensors = new LinkedHashMap<String, TensorInfo>();
        for (var expected : shapes.entrySet()) {
            TensorInfo info = found.get(expected.getKey());
            if (info == null || !Arrays.equals(info.shape(), expected.getValue())) {
                throw new FormatException(where + ": tensor " + expected.getKey()
                        + (info == null ? " is missing" : " has shape " + Arrays.toString(info.shape()))
                        + ", expected shape " + Arrays.toString(expected.getValue()) + " by " + configured
                        + " (" + describe(config) + ")");
            }
            tensors.put(info.name(), info);
        }
        for (String name : found.keySet()) {
            if (!shapes.containsKey(name)) {
                throw new FormatException(where + ": tensor " + FormatException.quote(name)
                        + " has no place in the decoder described by " + configured + " (" + describe(config) + ")");
            }
        }
        return Collections.unmodifiableMap(tensors);
    }

    /** The values that shapes follow from, under their names in {@code config.json}. */
    private static String describe(VaeConfig config) {
        return switch (config) {
            case WanConfig wan ->
                "decoder's base_dim " + wan.decoderBaseDim() + ", dim_mult " + wan.dimMult() + ", num_res_blocks "
                        + wan.numResBlocks() + ", z_dim " + wan.zDim() + ", is_residual " + wan.isResidual();
            case HunyuanConfig hunyuan ->
                "block_out_channels " + hunyuan.blockOutChannels() + ", layers_per_block " + hunyuan.layersPerBlock()
                        + ", latent_channels " + hunyuan.latentChannels();
        };
    }

    private void wan(WanConfig config) {
        List<Integer> mult = config.dimMult();
        int stages = mult.size();
        long z = config.zDim();
        long in = (long) config.decoderBaseDim() * mult.get(stages - 1);
        conv("post_quant_conv", z, z, 1, 1, 1);
        conv("decoder.conv_in", in, z, 3, 3, 3);
        wanResnet("decoder.mid_block.resnets.0", in, in);
        String attention = "decoder.mid_block.attentions.0";
        put(attention + ".norm.gamma", in, 1, 1);
        conv(attention + ".to_qkv", 3 * in, in, 1, 1);
        conv(attention + ".proj", in, in, 1, 1);
        wanResnet("decoder.mid_block.resnets.1", in, in);
        for (int stage = 0; stage < stages; stage++) {
            String block = "decoder.up_blocks." + stage;
            long out = (long) config.decoderBaseDim() * mult.get(stages - 1 - stage);
            for (int j = 0; j <= config.numResBlocks(); j++) wanResnet(block + ".resnets." + j, j == 0 ? in : out, out);
            in = out;
            if (stage == stages - 1) break;
            String upsampler = block + (config.isResidual() ? ".upsampler" : ".upsamplers.0");
            in = config.isResidual() ? out : out / 2;
            conv(upsampler + ".resample.1", in, out, 3, 3);
            if (config.temporalUpsample().get(stage)) conv(upsampler + ".time_conv", 2 * out, out, 3, 1, 1);
        }
        put("decoder.norm_out.gamma", in, 1, 1, 1);
        conv("decoder.conv_out", config.outChannels(), in, 3, 3, 3);
    }

    private void wanResnet(String name, long in, long out) {
        put(name + ".norm1.gamma", in, 1, 1, 1);
        conv(name + ".conv1", out, in, 3, 3, 3);
        put(name + ".norm2.gamma", out, 1, 1, 1);
        conv(name + ".conv2", out, out, 3, 3, 3);
        if (in != out) conv(name + ".conv_shortcut", out, in, 1, 1, 1);
    }

    private void hunyuan(HunyuanConfig config) {
        List<Integer> widths = config.blockOutChannels().reversed();
        long z = config.latentChannels();
        long in = widths.getFirst();
        conv("post_quant_conv", z, z, 1, 1, 1);
        conv("decoder.conv_in.conv", in, z, 3, 3, 3);
        hunyuanResnet("decoder.mid_block.resnets.0", in, in);
        if (config.midBlockAddAttention()) {
            String attention = "decoder.mid_block.attentions.0";
            norm(attention + ".group_norm", in);
            for (String linear : List.of(".to_q", ".to_k", ".to_v", ".to_out.0")) conv(attention + linear, in, in);
        }
        hunyuanResnet("decoder.mid_block.resnets.1", in, in);
        for (int stage = 0; stage < widths.size(); stage++) {
            String block = "decoder.up_blocks." + stage;
            long out = widths.get(stage);
            for (int j = 0; j <= config.layersPerBlock(); j++)
                hunyuanResnet(block + ".resnets." + j, j == 0 ? in : out, out);
            if (config.upsamplesSpace(stage) || config.upsamplesTime(stage))
                conv(block + ".upsamplers.0.conv.conv", out, out, 3, 3, 3);
            in = out;
        }
        norm("decoder.conv_norm_out", in);
        conv("decoder.conv_out.conv", 3, in, 3, 3, 3);
    }

    private void hunyuanResnet(String name, long in, long out) {
        norm(name + ".norm1", in);
        conv(name + ".conv1.conv", out, in, 3, 3, 3);
        norm(name + ".norm2", out);
        conv(name + ".conv2.conv", out, out, 3, 3, 3);
        if (in != out) conv(name + ".conv_shortcut.conv", out, in, 1, 1, 1);
    }

    private void norm(String name, long channels) {
        put(name + ".weight", channels);
        put(name + ".bias", channels);
    }

    private void conv(String name, long... weight) {
        put(name + ".weight", weight);
        put(name + ".bias", weight[0]);
    }

    private void put(String name, long... shape) {
        shapes.put(name, shape);
    }
}
