package wanvae.model.wan;

import java.io.IOException;
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
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;

/**
 * The encoder of Wan 2.1, Wan 2.2 and Qwen-Image: conv_in, down_blocks, mid_block, norm_out, conv_out, quant_conv.
 * Source: {@code WanEncoder3d} of diffusers' {@code autoencoder_kl_wan.py}.
 *
 * <p>The first frame goes alone, as in the reference. From the second on any grouping gives the same result, so every
 * level takes four frames at a time. Frames are pulled: four latent frames ask the last level for its output, which
 * asks the level before for as many frames as that takes, four at a time. Stage {@code i} is down_blocks.{@code i}; the
 * first stage begins with conv_in and goes in bands of rows, and the last one ends with everything at the resolution of
 * the latents.
 */
public final class WanEncoder implements VaeEncoder {
    /** A row far from the edges of a picture, where tiles of every height end. */
    private static final int FAR = 24 << 16;

    private final WanConfig config;
    private final ConvLayer convIn, convOut, quant;
    private final List<Level> levels = new ArrayList<>();
    private final ResidualBlock mid0, mid1;
    private final AttentionBlock attention;
    private final FusedNorm normOut;
    private final FrameCounts counts;

    /** Makes the layers. */
    public WanEncoder(Weights weights, WanConfig config) {
        this.config = config;
        convIn = weights.causalConv3d("encoder.conv_in", Border.ZEROS);
        int last = config.dimMult().size() - 1, flat = 0;
        for (int i = 0; i <= last; i++) {
            String name = "encoder.down_blocks.";
            List<String> blocks = new ArrayList<>();
            for (int j = 0; j < config.numResBlocks(); j++)
                blocks.add(config.isResidual() ? name + i + ".resnets." + j : name + flat++);
            String downsampler = i == last ? null : config.isResidual() ? name + i + ".downsampler" : name + flat++;
            levels.add(new Level(
                    weights,
                    blocks,
                    config.encoderBaseDim() * config.dimMult().get(i),
                    downsampler,
                    i < last && config.temporalDownsample().get(i),
                    config.isResidual()));
        }
        int width = levels.getLast().width();
        mid0 = new ResidualBlock(weights, "encoder.mid_block.resnets.0", width);
        attention = new AttentionBlock(weights, "encoder.mid_block.attentions.0", width);
        mid1 = new ResidualBlock(weights, "encoder.mid_block.resnets.1", width);
        normOut = new FusedNorm(false, weights.vector("encoder.norm_out.gamma"), true, true);
        convOut = weights.causalConv3d("encoder.conv_out", Border.ZEROS);
        quant = weights.pointwise("quant_conv");
        counts = new FrameCounts(levels.stream().map(Level::factorT).toList());
    }

    // The network, from its output back to its input.

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
        try (CausalContext context = new CausalContext(forward, WanDecoder.PAST, clip.frames() > 1)) {
            Run run = new Run(this, context, clip, plan, from, source);
            int factor = counts.factor(from, to), frames = shape(clip, to).frames();
            for (int i = 0, count; i < frames; i += count) {
                int most = i == 0 ? 1 : Math.min(FrameCounts.GROUP, frames - i), entering = i == 0 ? 1 : most * factor;
                int available = forward.available(source, first(i, factor), entering);
                count = i == 0 ? available : available / factor;
                if (count == 0) return;
                context.enter(plan.stages());
                Activation y = output(run, to, i, count, FusedNorm.NONE);
                forward.deliver(sink, i, new StageOutput(y.raw(), null));
                context.release(y.raw());
            }
        }
    }

    /**
     * Number of the first frame that frame {@code i} is made of, where every frame but the first is made of {@code
     * factor}.
     */
    private static int first(int i, int factor) {
        return i == 0 ? 0 : 1 + (i - 1) * factor;
    }

    /**
     * What flows across a boundary: {@code count} frames of the clip from number {@code frame} on. The caller owns it.
     *
     * @param next the norm that is applied to it
     */
    private Activation output(Run run, int boundary, int frame, int count, FusedNorm next) throws IOException {
        CausalContext context = run.context;
        if (boundary == run.from) return entering(run, boundary, frame, count, next);
        Level level = levels.get(boundary - 1);
        boolean first = frame == 0;
        int from = first(frame, level.factorT()), step = first ? 1 : FrameCounts.GROUP / level.factorT();
        if (boundary == stages()) {
            FusedNorm norm = level.inputNorm();
            Activation x = boundary == 1 ? convIn(run, from, count) : output(run, boundary - 1, from, count, norm);
            return ending(context, level.last(context, x, mid0.inputNorm()));
        }
        Window window = level.made(context, run.picture(boundary)).needed();
        Activation y = next.allocate(context, null, count, window, level.width());
        for (int done = 0; done < count; done += step) {
            int made = Math.min(step, count - done), taken = first ? 1 : made * level.factorT();
            int start = from + done * level.factorT();
            Activation part = slice(y, done, done + made);
            if (boundary > 1) {
                Activation x = output(run, boundary - 1, start, taken, level.inputNorm());
                level.forward(context, x, part, next, first);
                continue;
            }
            for (RegionPlan band : run.plan.bands()) {
                context.enter(band);
                level.forward(context, convIn(run, start, taken), part, next, first);
            }
            context.enter(run.plan.stages());
        }
        return y;
    }

    private static Activation slice(Activation x, int from, int to) {
        return new Activation(
                x.raw().slice(from, to),
                x.normalised() == null ? null : x.normalised().slice(from, to));
    }

    /** Reads what earlier stages have put aside. */
    private Activation entering(Run run, int boundary, int frame, int count, FusedNorm next) throws IOException {
        Activation x = next.allocate(
                run.context,
                null,
                count,
                run.plan.entry(),
                levels.get(boundary - 1).width());
        ForwardContext forward = run.context.forward();
        forward.read(run.source, frame, new StageOutput(x.raw(), null));
        if (x.normalised() != null) forward.normalise(x.raw(), next.gamma(), next.silu(), x.normalised());
        return x;
    }

    /** conv_in of the pixels that it needs for its region. */
    private Activation convIn(Run run, int frame, int count) throws IOException {
        CausalContext context = run.context;
        FusedNorm next = levels.getFirst().inputNorm();
        RegionPlan.Region region = context.region(convIn, run.picture(0));
        Frames pixels = context.causalFrames(count, convIn.kernel().reads(region.computed()), config.inChannels());
        context.forward().read(run.source, frame, new StageOutput(pixels, null));
        Activation x = next.allocate(context, null, count, region.needed(), config.encoderBaseDim());
        context.runCausal(convIn, pixels, next.epilogue(convIn.bias(), null, x, region.computed()));
        return x;
    }

    /** Runs mid_block, norm_out, conv_out and quant_conv; takes ownership of x. */
    private Activation ending(CausalContext context, Activation x) {
        x = mid0.forward(context, x, false, attention.inputNorm());
        x = attention.forward(context, x, mid1.inputNorm());
        x = mid1.forward(context, x, false, normOut);
        int count = x.normalised().count();
        Window picture = x.normalised().window();
        Frames moments = context.frames(count, picture, 2 * config.zDim());
        context.runCausal(convOut, x.normalised(), convOut.to(moments));
        Frames quantised = context.frames(count, picture, 2 * config.zDim());
        context.run(quant, moments, quant.to(quantised));
        context.release(moments);
        return new Activation(quantised, null);
    }

    /** The state of one {@link #run}, which takes frames from a source at boundary {@code from}. */
    private record Run(
            WanEncoder encoder, CausalContext context, LatentShape clip, BandPlan plan, int from, StageSource source) {
        Window picture(int boundary) {
            return encoder.shape(clip, boundary).picture();
        }
    }

    // What other classes need to know about the network.

    @Override
    public WanConfig config() {
        return config;
    }

    @Override
    public boolean takesOddSizes() {
        return !config.isResidual(); // AvgDown3D takes whole blocks of pixels
    }

    @Override
    public int encodedFrames(int frames) {
        int factor = counts.factor(0, stages());
        return 1 + (frames - 1) / factor * factor;
    }

    @Override
    public int stages() {
        return levels.size();
    }

    /** Enough for four latent frames. */
    @Override
    public int group() {
        return FrameCounts.GROUP * counts.factor(0, stages());
    }

    @Override
    public StageShape shape(LatentShape clip, int boundary) {
        int frames = 1 + (clip.frames() - 1) / counts.factor(0, boundary);
        int halvings = Math.min(boundary, stages() - 1);
        int channels = boundary == 0
                ? config.inChannels()
                : boundary == stages()
                        ? 2 * config.zDim()
                        : levels.get(boundary - 1).width();
        return new StageShape(frames, clip.height() >> halvings, clip.width() >> halvings, channels, 0);
    }

    @Override
    public int bands(LatentShape clip) {
        return BandGeometry.bands(
                shape(clip, 0).picture(), levels.getFirst().width(), WanDecoder.BAND_BYTES, WanDecoder.MOST_BANDS);
    }

    @Override
    public BandPlan plan(LatentShape clip, int from, int to, Window window, int bands, FrameSizes sizes) {
        Window wanted = window;
        int last = stages() - 1;
        if (to > last) {
            if (!window.equals(shape(clip, to).picture()))
                throw new IllegalArgumentException("the last down_block makes whole pictures, not " + window);
            wanted = shape(clip, last).picture();
        }
        RegionPlan regions = new RegionPlan(sizes, null);
        for (int i = Math.min(to, last) - 1; i >= Math.max(1, from); i--)
            wanted = levels.get(i).addTo(regions, wanted, shape(clip, i).picture());
        sizes.include(wanted);
        if (from > 0 || last == 0) return new BandPlan(wanted, Integer.MAX_VALUE, regions, List.of());
        // The bands have plans of their own; this one holds where their output lies.
        Window made = levels.getFirst().addOutputTo(regions, wanted);
        int reach = reach(), rows = made.height() + reach;
        int count = Math.clamp(rows / (reach + 2 * BandGeometry.EDGE), 1, bands);
        Window picture = shape(clip, 0).picture();
        return BandGeometry.ofFirstLayers(
                regions, made, count, reach, sizes, (band, part) -> addFirst(band, part, picture));
    }

    /** Adds conv_in and the first level. Returns the pixels of the input that they need for this window. */
    private Window addFirst(RegionPlan plan, Window wanted, Window picture) {
        return convIn.kernel().reads(plan.add(convIn.kernel(), levels.getFirst().addTo(plan, wanted, picture)));
    }

    /** How many rows of its output the first level's layers reach beyond a window of the output, with whole tiles. */
    private int reach() {
        Window rows = new Window(FAR, 0, BandGeometry.EDGE, 1, 2 * FAR, 1);
        Window needed = addFirst(new RegionPlan(new FrameSizes(), null), rows, Window.whole(4 * FAR, 2));
        return Math.ceilDiv(needed.bottom() - 2 * rows.bottom(), 2);
    }
}
