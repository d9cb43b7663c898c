package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.checkpoint.WanConfig;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.latent.LatentShape;

/**
 * The decoder of Wan 2.1, Wan 2.2 and Qwen-Image: post_quant_conv, conv_in, mid_block, the stages, norm_out, conv_out.
 *
 * <p>The first latent frame goes alone, as in the reference. From the second on any chunking gives the same result, so latent frames go
 * four at a time through the first stage, and at each later stage frames go four at a time too: the temporal transforms are made for four, and
 * memory does not grow with the clip.
 */
public final class WanDecoder {
    /** Frames that go through a stage together. */
    private static final int GROUP = 4;

    private final WanConfig config;
    private final Convolution postQuant, convIn, convOut;
    private final MemorySegment postQuantBias, convInBias, normOut, convOutBias;
    private final ResidualBlock mid0, mid1;
    private final AttentionBlock attention;
    private final List<Stage> stages = new ArrayList<>();
    private final int midWidth;

    /** Reads and packs the weights. */
    public WanDecoder(Weights weights, WanConfig config) throws IOException {
        this.config = config;
        int count = config.dimMult().size(), base = config.decoderBaseDim();
        midWidth = base * config.dimMult().getLast();
        postQuant = weights.pointwise("post_quant_conv.weight");
        postQuantBias = weights.vector("post_quant_conv.bias");
        convIn = weights.conv3x3("decoder.conv_in.weight", false);
        convInBias = weights.vector("decoder.conv_in.bias");
        mid0 = new ResidualBlock(weights, "decoder.mid_block.resnets.0", midWidth);
        attention = new AttentionBlock(weights, "decoder.mid_block.attentions.0", midWidth);
        mid1 = new ResidualBlock(weights, "decoder.mid_block.resnets.1", midWidth);
        int before = midWidth;
        for (int i = 0; i < count; i++) {
            int width = base * config.dimMult().get(count - 1 - i);
            boolean doubles = i < count - 1 && config.temporalUpsample().get(i), doubled = i > 0 && config.temporalUpsample().get(i - 1);
            stages.add(new Stage(weights, i, config.numResBlocks() + 1, width, doubles, doubled ? 2 : 1,
                    config.isResidual() ? before : before / 2, config.isResidual()));
            before = width;
        }
        normOut = weights.vector("decoder.norm_out.gamma");
        convOut = weights.conv3x3("decoder.conv_out.weight", false);
        convOutBias = weights.vector("decoder.conv_out.bias");
    }

    /** Bytes of the largest frame a decode of such latents takes. */
    long largestFrame(LatentShape shape) {
        int height = shape.height(), width = shape.width(), widest = midWidth;
        long largest = Frames.bytes(height, width, Math.max(widest, config.zDim()));
        for (int i = 0; i < stages.size(); i++) {
            widest = i == 0 ? widest : Math.max(stages.get(i).width(), stages.get(i - 1).width() / (config.isResidual() ? 1 : 2));
            largest = Math.max(largest, Frames.bytes(height, width, i == 0 ? Math.max(widest, stages.getFirst().width()) : widest));
            height *= 2;
            width *= 2;
        }
        return largest;
    }

    /**
     * Decodes one member.
     *
     * @param latent fills a frame of {@code [H][W][z_dim]} with a latent frame (not called in rehearsals)
     */
    void decode(Pass pass, LatentShape shape, LatentSource latent, FrameConsumer consumer) throws IOException {
        for (int f = 0; f < shape.frames(); ) {
            int count = f == 0 ? 1 : Math.min(GROUP, shape.frames() - f);
            Frames z = pass.frames(count, shape.height(), shape.width(), config.zDim());
            if (!pass.isRehearsal()) for (int i = 0; i < count; i++) latent.read(f + i, z.frames()[i]);
            stage(pass, 1, stages.getFirst().forward(pass, beginning(pass, z), f == 0), f == 0, consumer);
            f += count;
        }
        pass.end();
    }

    /** post_quant_conv, conv_in and mid_block. */
    private Feature beginning(Pass pass, Frames z) {
        Frames quantised = pass.frames(z.count(), z.height(), z.width(), config.zDim());
        pass.run(postQuant, z, Epilogue.plain(postQuantBias, quantised));
        pass.release(z);
        Feature x = mid0.wants().allocate(pass, null, z.count(), z.height(), z.width(), midWidth);
        pass.runCausal(convIn, quantised, mid0.wants().epilogue(convInBias, null, x));
        x = mid0.forward(pass, x, false, attention.wants());
        x = attention.forward(pass, x, mid1.wants());
        return mid1.forward(pass, x, false, stages.getFirst().wants());
    }

    /** Takes what a stage handed on through the next stages, a few frames at a time. */
    private void stage(Pass pass, int index, Stage.Carry carry, boolean first, FrameConsumer consumer) throws IOException {
        Stage stage = stages.get(index);
        int frames = carry.frames().count();
        for (int from = 0; from < frames; from += GROUP) {
            Feature x = stage.enlarge(pass, carry, from, Math.min(frames, from + GROUP), first);
            if (index < stages.size() - 1) stage(pass, index + 1, stage.forward(pass, x, first), first, consumer);
            else ending(pass, stage.blocks(pass, x, new Wanted(false, normOut, true), false).activated(), consumer);
        }
        pass.release(carry.shortcut());
    }

    private void ending(Pass pass, Frames x, FrameConsumer consumer) throws IOException {
        Frames out = pass.frames(x.count(), x.height(), x.width(), config.outChannels());
        pass.runCausal(convOut, x, Epilogue.plain(convOutBias, out));
        if (!pass.isRehearsal()) consumer.accept(out);
        pass.release(out);
    }
}
