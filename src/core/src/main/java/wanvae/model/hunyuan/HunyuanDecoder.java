package wanvae.model.hunyuan;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import wanvae.config.HunyuanConfig;
import wanvae.kernel.Border;
import wanvae.kernel.Frames;
import wanvae.latent.LatentShape;
import wanvae.model.ClipDecoder;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.GroupNormWeights;
import wanvae.model.StageOutput;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.model.Weights;

/**
 * The decoder of HunyuanVideo: post_quant_conv, conv_in, mid_block, up_blocks, conv_norm_out, conv_out. Source: {@code
 * HunyuanVideoDecoder3D} of diffusers' {@code autoencoder_kl_hunyuan_video.py}.
 *
 * <p>Its group norms mix all frames, so all frames of a clip go together, layer by layer. Before the first frame, and
 * beyond the edges of every frame, the nearest values are repeated.
 */
public final class HunyuanDecoder implements ClipDecoder {
    private final HunyuanConfig config;
    private final ConvLayer postQuant, convIn, convOut;
    private final HunyuanResnet mid0, mid1;
    /** Null where the configuration has none. */
    private final HunyuanAttention attention;

    private final List<HunyuanUpBlock> upBlocks;
    private final GroupNormWeights normOut;

    /** Makes the layers. */
    public HunyuanDecoder(Weights weights, HunyuanConfig config) {
        this.config = config;
        int groups = config.normNumGroups(), width = config.blockOutChannels().getLast();
        postQuant = weights.pointwise("post_quant_conv");
        convIn = weights.causalConv3d("decoder.conv_in.conv", Border.REPLICATE);
        mid0 = new HunyuanResnet(weights, "decoder.mid_block.resnets.0", groups, width);
        attention = config.midBlockAddAttention()
                ? new HunyuanAttention(weights, "decoder.mid_block.attentions.0", groups, width)
                : null;
        mid1 = new HunyuanResnet(weights, "decoder.mid_block.resnets.1", groups, width);
        upBlocks = IntStream.range(0, config.blockOutChannels().size())
                .mapToObj(i -> new HunyuanUpBlock(weights, config, i))
                .toList();
        normOut = new GroupNormWeights(weights, "decoder.conv_norm_out");
        convOut = weights.causalConv3d("decoder.conv_out.conv", Border.REPLICATE);
    }

    @Override
    public void decode(ForwardContext context, LatentShape clip, StageSource latents, StageSink sink)
            throws IOException {
        Frames z = context.frames(clip.frames(), clip.height(), clip.width(), config.latentChannels());
        context.read(latents, 0, new StageOutput(z, null));
        Frames quantised = postQuantConv(context, z);
        ActivationWithMoments x = convIn(context, quantised);
        x = mid0.forward(context, x, true);
        if (attention != null) x = attention.forward(context, x);
        x = mid1.forward(context, x, true);
        for (HunyuanUpBlock upBlock : upBlocks) x = upBlock.forward(context, x);
        Frames out = convOut(context, x);
        context.deliver(sink, 0, new StageOutput(out, null));
        context.release(out);
    }

    private Frames postQuantConv(ForwardContext context, Frames z) {
        Frames quantised = context.frames(z.count(), z.height(), z.width(), config.latentChannels());
        context.run(postQuant, z, postQuant.to(quantised));
        context.release(z);
        return quantised;
    }

    private ActivationWithMoments convIn(ForwardContext context, Frames z) {
        int width = config.blockOutChannels().getLast();
        var x = ActivationWithMoments.allocate(
                context, z.count(), z.height(), z.width(), width, config.normNumGroups());
        context.run(convIn, RepeatedFrames.behindFirst(z), x.from(convIn, null));
        context.release(z);
        return x;
    }

    /** conv_norm_out, SiLU and conv_out. */
    private Frames convOut(ForwardContext context, ActivationWithMoments x) {
        Frames in = x.frames(), out = context.frames(in.count(), in.height(), in.width(), 3);
        context.run(convOut, RepeatedFrames.behindFirst(in), normOut, x.moments(), true, convOut.to(out));
        x.release(context);
        return out;
    }

    @Override
    public HunyuanConfig config() {
        return config;
    }
}
