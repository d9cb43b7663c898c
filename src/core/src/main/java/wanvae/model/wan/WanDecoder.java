package wanvae.model.wan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.config.WanConfig;
import wanvae.kernel.Border;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.Activation;
import wanvae.model.BandGeometry;
import wanvae.model.BandPlan;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.FrameSizes;
import wanvae.model.FusedNorm;
import wanvae.model.RegionPlan;
import wanvae.model.StageOutput;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.model.StreamingDecoder;
import wanvae.model.Weights;

/**
 * The decoder of Wan 2.1, Wan 2.2 and Qwen-Image: post_quant_conv, conv_in, mid_block, up_blocks, norm_out, conv_out.
 * Source: {@code WanDecoder3d} of diffusers' {@code autoencoder_kl_wan.py}.
 *
 * <p>The first latent frame goes alone, as in the reference. From the second on any grouping gives the same result, so
 * frames go through every stage four at a time ({@link FrameCounts}), depth first: four frames of a stage go all the
 * way to conv_out before the next four are made. Stage 0 is everything at the resolution of the latents; each other
 * {@link Stage} begins with an upsampler.
 */
public final class WanDecoder implements StreamingDecoder {
    /** Frames that a causal convolution with three taps in time reaches back. */
    static final int PAST = 2;
    /** Frames of the last stage stay about this small in bands of rows. */
    static final long BAND_BYTES = 32L << 20;

    static final int MOST_BANDS = 8;

    private final WanConfig config;
    private final int midWidth;
    private final ConvLayer postQuant, convIn, convOut;
    private final ResidualBlock mid0, mid1;
    private final AttentionBlock attention;
    private final List<Stage> stages = new ArrayList<>();
    private final FusedNorm normOut;
    private final MemorySegment convOutBias;
    private final FrameCounts counts;
    private final BandGeometry geometry;

    /** Makes the layers. */
    public WanDecoder(Weights weights, WanConfig config) {
        this.config = config;
        midWidth = config.decoderBaseDim() * config.dimMult().getLast();
        postQuant = weights.pointwise("post_quant_conv");
        convIn = weights.causalConv3d("decoder.conv_in", Border.ZEROS);
        mid0 = new ResidualBlock(weights, "decoder.mid_block.resnets.0", midWidth);
        attention = new AttentionBlock(weights, "decoder.mid_block.attentions.0", midWidth);
        mid1 = new ResidualBlock(weights, "decoder.mid_block.resnets.1", midWidth);
        int inputWidth = midWidth;
        for (int i = 0; i < config.dimMult().size(); i++) {
            int width = config.decoderBaseDim() * config.dimMult().reversed().get(i);
            boolean doublesTime = i > 0 && config.temporalUpsample().get(i - 1);
            stages.add(new Stage(
                    weights,
                    i,
                    config.numResBlocks() + 1,
                    width,
                    inputWidth,
                    doublesTime ? 2 : 1,
                    config.isResidual() ? inputWidth : inputWidth / 2,
                    config.isResidual()));
            inputWidth = width;
        }
        normOut = new FusedNorm(false, weights.vector("decoder.norm_out.gamma"), true, false);
        convOut = weights.timeTaps("decoder.conv_out");
        convOutBias = weights.vector("decoder.conv_out.bias");
        counts = new FrameCounts(stages.stream().map(Stage::factorT).toList());
        geometry = new BandGeometry(
                stages,
                convOut.kernel(),
                Math.max(1, config.temporalUpsample().lastIndexOf(true) + 1),
                BAND_BYTES,
                MOST_BANDS);
    }

    // The network, from its input to its output.

    @Override
    public void run(
            ForwardContext forward,
            LatentShape clip,
            int from,
            int to,
            BandPlan plan,
            StageSource source,
            StageSink sink)
            throws IOException {
        try (CausalContext context = new CausalContext(forward, PAST, clip.frames() > 1)) {
            Run run = new Run(context, plan, to, sink);
            RegionPlan regions = from == 0 ? RegionPlan.wholePictures() : plan.stages();
            StageShape shape = shape(clip, from);
            for (int i = 0, count; i < shape.frames(); i += count) {
                count = i == 0 ? 1 : Math.min(counts.group(from), shape.frames() - i);
                context.enter(regions);
                StageOutput x = run.read(source, i, count, shape);
                if (from == 0) x = beginning(context, x.frames());
                onward(run, Math.max(1, from), x, counts.first(from, i, to));
            }
        }
    }

    /** post_quant_conv, conv_in, mid_block and up_blocks.0, at the resolution of the latents. */
    private StageOutput beginning(CausalContext context, Frames z) {
        Frames quantised = postQuantConv(context, z);
        Activation x = convIn(context, quantised);
        x = midBlock(context, x);
        return stages.getFirst().output(context, x);
    }

    private Frames postQuantConv(CausalContext context, Frames z) {
        Frames quantised = context.causalFrames(z.count(), z.window(), config.zDim());
        context.run(postQuant, z, postQuant.to(quantised));
        context.release(z);
        return quantised;
    }

    private Activation convIn(CausalContext context, Frames z) {
        FusedNorm next = mid0.inputNorm();
        Activation x = next.allocate(context, null, z.count(), z.window(), midWidth);
        context.runCausal(convIn, z, next.epilogue(convIn.bias(), null, x, z.window()));
        return x;
    }

    private Activation midBlock(CausalContext context, Activation x) {
        x = mid0.forward(context, x, false, attention.inputNorm());
        x = attention.forward(context, x, mid1.inputNorm());
        return mid1.forward(context, x, false, stages.getFirst().inputNorm());
    }

    /**
     * Runs the upsampler of the up_block before and the residual blocks of up_blocks.{@code index}, a few frames at a
     * time and band by band. What each of these makes goes through all later stages before the next is computed.
     *
     * @param input this method takes ownership of it
     * @param frame number of its first frame, counted where this run ends
     */
    private void upBlock(Run run, int index, StageOutput input, int frame) throws IOException {
        CausalContext context = run.context;
        Stage stage = stages.get(index);
        boolean first = frame == 0;
        int frames = (first ? 1 : stage.factorT()) * input.frames().count();
        for (int from = 0; from < frames; from += FrameCounts.GROUP) {
            int next = first ? 0 : frame + from * counts.factor(index + 1, run.to);
            List<RegionPlan> bands = context.enter(run.plan, index);
            Frames in = stage.doubleTime(context, input, from, Math.min(frames, from + FrameCounts.GROUP), first);
            for (RegionPlan band : bands) {
                context.enter(band);
                Activation x = stage.upsample(context, in, input, from, first);
                if (band == bands.getLast()) context.release(in);
                if (index < stages.size() - 1) onward(run, index + 1, stage.output(context, x), next);
                else convOut(run, stage.blocks(context, x, normOut).normalised(), next);
            }
        }
        context.release(input.shortcut());
    }

    /** Takes frames to the next up_block, or out of the network if this run ends here. */
    private void onward(Run run, int index, StageOutput x, int frame) throws IOException {
        if (index == run.to) run.deliver(frame, x);
        else upBlock(run, index, x, frame);
    }

    /** conv_out: computes what each frame adds to its own output and to the next two, then the sums. */
    private void convOut(Run run, Frames x, int frame) throws IOException {
        CausalContext context = run.context;
        Window window = context.region(convOut, x.window()).computed();
        Frames parts = context.causalFrames(x.count(), window, 3 * config.outChannels());
        context.run(convOut, x, convOut.to(parts));
        context.release(x);
        Frames out = context.frames(x.count(), window, config.outChannels());
        context.sumTimeTaps(convOut, parts, convOutBias, out);
        run.deliver(frame, new StageOutput(out, null));
    }

    /**
     * The state of one {@link #run}.
     *
     * @param to boundary where it ends
     */
    private record Run(CausalContext context, BandPlan plan, int to, StageSink sink) {
        StageOutput read(StageSource source, int first, int count, StageShape shape) throws IOException {
            ForwardContext forward = context.forward();
            StageOutput x = new StageOutput(
                    forward.frames(count, plan.entry(), shape.channels()),
                    shape.shortcutChannels() == 0
                            ? null
                            : forward.frames(count, plan.entry(), shape.shortcutChannels()));
            forward.read(source, first, x);
            return x;
        }

        void deliver(int frame, StageOutput x) throws IOException {
            context.forward().deliver(sink, frame, x);
            context.forward().release(x);
        }
    }

    // What other classes need to know about the network.

    @Override
    public WanConfig config() {
        return config;
    }

    @Override
    public int stages() {
        return stages.size();
    }

    @Override
    public int group() {
        return FrameCounts.GROUP;
    }

    @Override
    public StageShape shape(LatentShape clip, int boundary) {
        int frames = counts.total(clip.frames(), boundary), doublings = Math.max(0, boundary - 1);
        int height = clip.height() << doublings, width = clip.width() << doublings;
        if (boundary == 0) return new StageShape(frames, height, width, config.zDim(), 0);
        if (boundary == stages.size()) return new StageShape(frames, height, width, config.outChannels(), 0);
        int shortcut = !config.isResidual()
                ? 0
                : boundary == 1 ? midWidth : stages.get(boundary - 2).width();
        return new StageShape(frames, height, width, stages.get(boundary - 1).width(), shortcut);
    }

    @Override
    public int bands(LatentShape clip) {
        return geometry.bands(shape(clip, stages.size()).picture());
    }

    @Override
    public BandPlan plan(LatentShape clip, int from, int to, Window window, int bands, FrameSizes sizes) {
        return geometry.plan(this, clip, from, to, window, bands, sizes);
    }
}
