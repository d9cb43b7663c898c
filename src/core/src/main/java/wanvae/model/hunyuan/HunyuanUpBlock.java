package wanvae.model.hunyuan;

import java.util.ArrayList;
import java.util.List;
import wanvae.config.HunyuanConfig;
import wanvae.kernel.Border;
import wanvae.kernel.Frames;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.Weights;

/**
 * Residual blocks, then the upsampler, which doubles height and width, or all frames but the first, or both, or
 * nothing.
 */
final class HunyuanUpBlock {
    private final List<HunyuanResnet> resnets = new ArrayList<>();
    private final boolean space, time;
    private final int width, groups;
    /** Null where nothing is doubled. */
    private final ConvLayer upsampler;

    /** @param index number of the up_block */
    HunyuanUpBlock(Weights weights, HunyuanConfig config, int index) {
        String name = "decoder.up_blocks." + index, convolution = name + ".upsamplers.0.conv.conv";
        width = config.blockOutChannels().reversed().get(index);
        groups = config.normNumGroups();
        space = config.upsamplesSpace(index);
        time = config.upsamplesTime(index);
        for (int j = 0; j <= config.layersPerBlock(); j++)
            resnets.add(new HunyuanResnet(weights, name + ".resnets." + j, groups, width));
        upsampler = space
                ? weights.upsampledCausalConv3d(convolution, Border.REPLICATE)
                : time ? weights.causalConv3d(convolution, Border.REPLICATE) : null;
    }

    /** Runs the block; takes ownership of x. */
    ActivationWithMoments forward(ForwardContext context, ActivationWithMoments x) {
        for (HunyuanResnet resnet : resnets)
            x = resnet.forward(context, x, upsampler == null || resnet != resnets.getLast());
        return upsampler == null ? x : upsample(context, x);
    }

    private ActivationWithMoments upsample(ForwardContext context, ActivationWithMoments x) {
        int scale = space ? 2 : 1;
        Frames in = time ? RepeatedFrames.doubled(x.frames()) : x.frames();
        var y = ActivationWithMoments.allocate(
                context, in.count(), scale * in.height(), scale * in.width(), width, groups);
        context.run(upsampler, RepeatedFrames.behindFirst(in), y.from(upsampler, null));
        x.release(context);
        return y;
    }
}
