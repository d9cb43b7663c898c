package wanvae.model.tae;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import wanvae.config.TaeConfig;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.BandGeometry;
import wanvae.model.BandPlan;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.FrameSizes;
import wanvae.model.RegionPlan;
import wanvae.model.StageOutput;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.model.StreamingDecoder;
import wanvae.model.Weights;

/**
 * The decoder of a tiny autoencoder: a soft clamp and a convolution, three stages of memory blocks that end with an
 * enlargement, a last convolution. Source: {@code TAEHV} of madebyollin's {@code taehv.py}.
 *
 * <p>Frames go through every stage four at a time, depth first, as in Wan's decoder. The first latent frame goes alone;
 * of the frames it becomes only the last one is kept, and the others are not computed where no later frame depends on
 * them. Stage 0 is everything at the resolution of the latents; each other {@link TaeStage} begins with an {@link
 * Upsampling}. The last one is the largest by far, but has no memory, so it goes in bands of rows that caches hold.
 */
public final class TaeDecoder implements StreamingDecoder {
    /** Frames that go through a stage together: the convolutions of memory blocks are made for four. */
    private static final int GROUP = 4;
    /** Frames that go through the last stage together: few, so that caches hold a band of them. */
    private static final int LAST_GROUP = 2;
    /** Frames that a memory block reaches back. */
    private static final int PAST = 1;
    /** Frames of the last stage stay about this small in bands of rows. */
    private static final long BAND_BYTES = 8L << 20;

    private static final int MOST_BANDS = 64, COLOURS = 3;

    private final TaeConfig config;
    private final ConvLayer convIn, convOut;
    private final List<TaeStage> stages = new ArrayList<>();
    private final BandGeometry geometry;

    /** Makes the layers. */
    public TaeDecoder(Weights weights, TaeConfig config) {
        this.config = config;
        convIn = config.isSuper() ? weights.pointwise("decoder.0") : weights.conv2d("decoder.1");
        for (int i = 0; i <= TaeConfig.STAGES; i++) stages.add(new TaeStage(weights, config, i));
        convOut = weights.conv2d("decoder.22");
        geometry = new BandGeometry(stages, convOut.kernel(), TaeConfig.STAGES, BAND_BYTES, MOST_BANDS);
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
            // First the frames that the first latent frame has become, then as many at a time as make a group in this
            // stage.
            int first = factor(0, from),
                    group = from == 0 ? GROUP : GROUP / stages.get(from).factorT();
            for (int i = 0, count; i < shape.frames(); i += count) {
                count = Math.min(i == 0 ? first : group, shape.frames() - i);
                context.enter(regions);
                Frames x = forward.frames(count, plan.entry(), shape.channels());
                forward.read(source, i, new StageOutput(x, null));
                if (from == 0) x = beginning(context, x);
                onward(run, Math.max(1, from), x, i);
            }
        }
    }

    /** The first convolution and the memory blocks at the resolution of the latents. */
    private Frames beginning(CausalContext context, Frames z) {
        TaeStage stage = stages.getFirst();
        Frames x = context.causalFrames(z.count(), z.window(), stage.width());
        if (config.isSuper()) context.run(convIn, z, convIn.to(x));
        else {
            context.forward().softClamp(z);
            context.run(convIn, z, Epilogue.relu(convIn.bias(), null, x));
        }
        context.release(z);
        return stage.blocks(context, x);
    }

    /**
     * Runs a stage, a few frames at a time and band by band. What each of these makes goes through all later stages
     * before the next is computed.
     *
     * @param input this method takes ownership of it
     * @param frame number of its first frame at this boundary
     */
    private void stage(Run run, int index, Frames input, int frame) throws IOException {
        CausalContext context = run.context;
        TaeStage stage = stages.get(index);
        boolean last = index == TaeConfig.STAGES;
        int factor = stage.factorT(), count = factor * input.count(), first = factor * frame, released = 0;
        int skipped = last ? Math.min(count, Math.max(0, config.trimmedFrames() - first)) : 0;
        for (int from = skipped, to; from < count; from = to) {
            to = Math.min(count, from + (last ? LAST_GROUP : GROUP));
            for (RegionPlan band : context.enter(run.plan, index)) {
                context.enter(band);
                Frames x = stage.forward(context, input, from, to);
                if (last) convOut(run, x, first + from - config.trimmedFrames());
                else onward(run, index + 1, x, first + from);
            }
            context.release(input.slice(released, to / factor));
            released = to / factor;
        }
    }

    /** Takes frames to the next stage, or out of the network if this run ends here. */
    private void onward(Run run, int index, Frames x, int frame) throws IOException {
        if (index == run.to) run.deliver(frame, x);
        else stage(run, index, x, frame);
    }

    private void convOut(Run run, Frames x, int frame) throws IOException {
        CausalContext context = run.context;
        Frames out =
                context.frames(x.count(), context.region(convOut, x.window()).computed(), channels());
        context.run(convOut, x, convOut.to(out));
        context.release(x);
        run.deliver(frame, out);
    }

    /**
     * The state of one {@link #run}.
     *
     * @param to boundary where it ends
     */
    private record Run(CausalContext context, BandPlan plan, int to, StageSink sink) {
        void deliver(int frame, Frames x) throws IOException {
            StageOutput output = new StageOutput(x, null);
            context.forward().deliver(sink, frame, output);
            context.forward().release(output);
        }
    }

    // What other classes need to know about the network.

    @Override
    public TaeConfig config() {
        return config;
    }

    @Override
    public int stages() {
        return stages.size();
    }

    @Override
    public int group() {
        return GROUP;
    }

    /** Frames at boundary {@code to} for each frame at boundary {@code from}. */
    private int factor(int from, int to) {
        int factor = 1;
        for (int i = from; i < to; i++) factor *= stages.get(i).factorT();
        return factor;
    }

    private int channels() {
        return COLOURS * config.patchSize() * config.patchSize();
    }

    @Override
    public StageShape shape(LatentShape clip, int boundary) {
        boolean last = boundary == stages.size();
        int doublings = Math.max(0, boundary - 1);
        return new StageShape(
                clip.frames() * factor(0, boundary) - (last ? config.trimmedFrames() : 0),
                clip.height() << doublings,
                clip.width() << doublings,
                boundary == 0
                        ? config.latentChannels()
                        : last ? channels() : stages.get(boundary - 1).width(),
                0);
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
