package wanvae.checkpoint;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.ArrayList;
import java.util.List;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Hunyuan;
import wanvae.checkpoint.fbs.Wan;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;

/** The configuration in a .wanvae header: the same values under the same names. */
final class HeaderConfig {
    private HeaderConfig() {}

    /** @param header already walked */
    static VaeConfig read(Header header) {
        return header.wan() != null ? read(header.wan()) : read(header.hunyuan());
    }

    private static WanConfig read(Wan wan) {
        var dimMult = new ArrayList<Integer>();
        for (int i = 0; i < wan.dimMultLength(); i++) dimMult.add(wan.dimMult(i));
        var upsample = new ArrayList<Boolean>();
        for (int i = 0; i < wan.temporalUpsampleLength(); i++) upsample.add(wan.temporalUpsample(i));
        var mean = new ArrayList<Float>();
        for (int i = 0; i < wan.latentsMeanLength(); i++) mean.add(wan.latentsMean(i));
        var std = new ArrayList<Float>();
        for (int i = 0; i < wan.latentsStdLength(); i++) std.add(wan.latentsStd(i));
        return new WanConfig(
                wan.className(),
                wan.decoderBaseDim(),
                wan.zDim(),
                dimMult,
                wan.numResBlocks(),
                upsample,
                mean,
                std,
                wan.isResidual(),
                wan.outChannels(),
                wan.patchSize());
    }

    private static HunyuanConfig read(Hunyuan hunyuan) {
        var widths = new ArrayList<Integer>();
        for (int i = 0; i < hunyuan.blockOutChannelsLength(); i++) widths.add(hunyuan.blockOutChannels(i));
        return new HunyuanConfig(
                hunyuan.latentChannels(),
                widths,
                hunyuan.layersPerBlock(),
                hunyuan.midBlockAddAttention(),
                hunyuan.normNumGroups(),
                hunyuan.spatialCompressionRatio(),
                hunyuan.temporalCompressionRatio(),
                hunyuan.scalingFactor());
    }

    /** Completes a header. @param tensors offset of its vector of tensors */
    static void finish(FlatBufferBuilder builder, VaeConfig config, int tensors) {
        int wan = config instanceof WanConfig c ? write(builder, c) : 0;
        int hunyuan = config instanceof HunyuanConfig c ? write(builder, c) : 0;
        Header.startHeader(builder);
        if (wan != 0) Header.addWan(builder, wan);
        if (hunyuan != 0) Header.addHunyuan(builder, hunyuan);
        Header.addTensors(builder, tensors);
        Header.finishHeaderBuffer(builder, Header.endHeader(builder));
    }

    private static int write(FlatBufferBuilder builder, WanConfig config) {
        int className = builder.createString(config.className());
        int dimMult = Wan.createDimMultVector(builder, ints(config.dimMult()));
        var upsample = new boolean[config.temporalUpsample().size()];
        for (int i = 0; i < upsample.length; i++)
            upsample[i] = config.temporalUpsample().get(i);
        return Wan.createWan(
                builder,
                className,
                config.decoderBaseDim(),
                config.zDim(),
                dimMult,
                config.numResBlocks(),
                Wan.createTemporalUpsampleVector(builder, upsample),
                Wan.createLatentsMeanVector(builder, floats(config.latentsMean())),
                Wan.createLatentsStdVector(builder, floats(config.latentsStd())),
                config.isResidual(),
                config.outChannels(),
                config.patchSize());
    }

    private static int write(FlatBufferBuilder builder, HunyuanConfig config) {
        int widths = Hunyuan.createBlockOutChannelsVector(builder, ints(config.blockOutChannels()));
        return Hunyuan.createHunyuan(
                builder,
                config.latentChannels(),
                widths,
                config.layersPerBlock(),
                config.midBlockAddAttention(),
                config.normNumGroups(),
                config.spatialCompressionRatio(),
                config.temporalCompressionRatio(),
                config.scalingFactor());
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static float[] floats(List<Float> values) {
        var floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) floats[i] = values.get(i);
        return floats;
    }
}
