package wanvae.model.tae;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
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
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;

/**
 * The encoder of a tiny autoencoder: a convolution, three stages that halve height and width and, two of them, time, a
 * last convolution. It makes latents, not moments. Source: {@code TAEHV} of madebyollin's {@code taehv.py}.
 *
 * <p>Every stage takes four frames at a time. Frames are pulled, as in Wan's encoder: four latent frames ask the last
 * stage for its output, which asks the stage before. The last picture is repeated to fill the last latent frame. The
 * largest layers, before the first memory block, go in bands of rows.
 */
public final class TaeEncoder implements VaeEncoder {
    /** Frames that go through a stage together. */
    private static final int GROUP = 4;

    private static final int PAST = 1;
    /** Frames of the first layers stay about this small in bands of rows. */
    private static final long BAND_BYTES = 8L << 20;

    private static final int MOST_BANDS = 64;
    /** The fewest rows of a band: more than the layers reach beyond it. */
    private static final int LEAST_BAND = 4 * BandGeometry.EDGE;

    private final TaeConfig config;
    private final ConvLayer convIn, convOut;
    private final List<TaeLevel> levels = new ArrayList<>();

    /** Makes the layers. */
    public TaeEncoder(Weights weights, TaeConfig config) {
        this.config = config;
        convIn = weights.conv2d("encoder.0");
        for (int i = 0; i < TaeConfig.STAGES; i++) levels.add(new TaeLevel(weights, config, i));
        convOut = weights.conv2d("encoder.17");
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
        try (CausalContext context = new CausalContext(forward, PAST, clip.frames() > factor(0, stages()))) {
            Run run = new Run(this, context, clip, plan, from, source);
            int factor = factor(from, to),
                    frames = shape(clip, to).frames(),
                    entering = shape(clip, from).frames();
            for (int i = 0, count; i < frames; i += count) {
                int first = i * factor, most = Math.min(GROUP * factor, entering - first);
                int available = forward.available(source, first, most);
                if (available == 0) return;
                run.end = first + available;
                count = from == 0 ? frames(available, to) : available / factor;
                context.enter(plan.stages());
                Frames y = output(run, to, i, count);
                forward.deliver(sink, i, new StageOutput(y, null));
                context.release(y);
            }
        }
    }

    /**
     * What flows across a boundary: {@code count} frames of the clip from number {@code frame} on. The caller owns it.
     */
    private Frames output(Run run, int boundary, int frame, int count) throws IOException {
        CausalContext context = run.context;
        if (boundary == run.from) {
            Frames x = context.forward().frames(count, run.plan.entry(), config.encoderWidth());
            context.forward().read(run.source, frame, new StageOutput(x, null));
            return x;
        }
        TaeLevel level = levels.get(boundary - 1);
        int factor = level.factorT();
        Window window = level.made(context, run.picture(Math.min(boundary, levels.size())));
        Frames y = context.causalFrames(count, window, config.encoderWidth());
        for (int done = 0, made; done < count; done += made) {
            made = Math.min(GROUP / factor, count - done);
            Frames part = y.slice(done, done + made);
            int first = (frame + done) * factor;
            if (boundary == 1) {
                for (RegionPlan band : run.plan.bands()) {
                    context.enter(band);
                    reducePictures(run, first, made * factor, part);
                }
                context.enter(run.plan.stages());
            } else {
                Frames x = output(run, boundary - 1, first, made * factor);
                level.reduce(context, x, part);
                context.release(x);
            }
        }
        Frames z = level.blocks(context, y);
        return boundary < stages() ? z : convOut(context, z);
    }

    /** The first convolution and the first reduction, for the pixels of this band. */
    private void reducePictures(Run run, int first, int count, Frames part) throws IOException {
        CausalContext context = run.context;
        int there = Math.min(count, run.end - first);
        RegionPlan.Region region = context.region(convIn, run.picture(0));
        Frames pixels = context.frames(
                there,
                convIn.kernel().reads(region.computed()),
                shape(run.clip, 0).channels());
        context.forward().read(run.source, first, new StageOutput(pixels, null));
        Frames x = context.frames(there, region.needed(), config.encoderWidth());
        context.run(convIn, pixels, Epilogue.relu(convIn.bias(), null, x).within(region.computed()));
        context.release(pixels);
        MemorySegment[] repeated = Arrays.copyOf(x.frames(), count);
        Arrays.fill(repeated, there, count, x.frames()[there - 1]);
        levels.getFirst().reduce(context, new Frames(repeated, x.window(), x.channels()), part);
        context.release(x);
    }

    private Frames convOut(CausalContext context, Frames x) {
        Frames latents = context.frames(x.count(), x.window(), config.latentChannels());
        context.run(convOut, x, convOut.to(latents));
        context.release(x);
        return latents;
    }

    /** The state of one {@link #run}. */
    private static final class Run {
        final TaeEncoder encoder;
        final CausalContext context;
        final LatentShape clip;
        final BandPlan plan;
        final StageSource source;
        /** Boundary where frames enter. */
        final int from;
        /** Number of the frames that have entered. */
        int end;

        Run(TaeEncoder encoder, CausalContext context, LatentShape clip, BandPlan plan, int from, StageSource source) {
            this.encoder = encoder;
            this.context = context;
            this.clip = clip;
            this.plan = plan;
            this.from = from;
            this.source = source;
        }

        Window picture(int boundary) {
            return encoder.shape(clip, boundary).picture();
        }
    }

    // What other classes need to know about the network.

    @Override
    public TaeConfig config() {
        return config;
    }

    @Override
    public boolean hasPosterior() {
        return false;
    }

    @Override
    public boolean takesOddSizes() {
        return true;
    }

    @Override
    public int encodedFrames(int frames) {
        return frames;
    }

    @Override
    public int stages() {
        return levels.size();
    }

    @Override
    public int group() {
        return GROUP * factor(0, stages());
    }

    /** Frames at boundary {@code from} for each frame at boundary {@code to}. */
    private int factor(int from, int to) {
        int factor = 1;
        for (int i = from; i < to; i++) factor *= levels.get(i).factorT();
        return factor;
    }

    /** Frames at a boundary in an encode of this many pictures, with those that are repeated to fill a latent frame. */
    private int frames(int pictures, int boundary) {
        int all = factor(0, stages());
        return boundary == 0 ? pictures : Math.ceilDiv(pictures, all) * (all / factor(0, boundary));
    }

    @Override
    public StageShape shape(LatentShape clip, int boundary) {
        int height = clip.height(), width = clip.width();
        for (int i = 0; i < boundary; i++) {
            height = (height + 1) / 2;
            width = (width + 1) / 2;
        }
        int channels = boundary == 0
                ? config.imageChannels() * config.patchSize() * config.patchSize()
                : boundary == stages() ? config.latentChannels() : config.encoderWidth();
        return new StageShape(frames(clip.frames(), boundary), height, width, channels, 0);
    }

    @Override
    public int bands(LatentShape clip) {
        return BandGeometry.bands(shape(clip, 0).picture(), config.encoderWidth(), BAND_BYTES, MOST_BANDS);
    }

    @Override
    public BandPlan plan(LatentShape clip, int from, int to, Window window, int bands, FrameSizes sizes) {
        if (to == stages() && !window.equals(shape(clip, to).picture()))
            throw new IllegalArgumentException("the last stage makes whole pictures, not " + window);
        RegionPlan regions = new RegionPlan(sizes, null);
        Window wanted = window;
        for (int i = to - 1; i >= Math.max(1, from); i--)
            wanted = levels.get(i).addTo(regions, wanted, shape(clip, i).picture());
        sizes.include(wanted);
        if (from > 0) return new BandPlan(wanted, Integer.MAX_VALUE, regions, List.of());
        Window made = levels.getFirst().addBlocksTo(regions, wanted);
        int count = Math.clamp(made.height() / LEAST_BAND, 1, bands);
        Window picture = shape(clip, 0).picture();
        return BandGeometry.ofFirstLayers(
                regions, made, count, 0, sizes, (band, part) -> addFirst(band, part, picture));
    }

    /**
     * Adds the layers before the first memory block. Returns the pixels of the input that they need for this window.
     */
    private Window addFirst(RegionPlan plan, Window wanted, Window picture) {
        Window x = levels.getFirst().addReductionTo(plan, wanted, picture);
        return convIn.kernel().reads(plan.add(convIn.kernel(), x));
    }
}
