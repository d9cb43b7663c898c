package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.List;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/**
 * Takes one clip through a causal network, a few frames at a time. It adds to a {@link ForwardContext} what such a
 * network remembers: the {@link FeatureCache} from one group of frames to the next, and the {@link BandOverlap} from a
 * band of rows to the band below.
 */
public final class CausalContext implements AutoCloseable {
    /** Frames that a halving convolution, which makes one frame of two, reaches back. */
    private static final int HALVING_PAST = 1;

    private final ForwardContext forward;
    private final int past;
    private final FeatureCache cache;
    private final BandOverlap overlap;
    private RegionPlan regions = RegionPlan.wholePictures();

    /**
     * @param past      frames that the network's causal layers reach back
     * @param remembers false if the clip is a single group of frames, so that no past is kept
     */
    public CausalContext(ForwardContext forward, int past, boolean remembers) {
        this.forward = forward;
        this.past = past;
        this.cache = new FeatureCache(forward.pool(), remembers);
        this.overlap = new BandOverlap(forward);
    }

    /** The context for operations that need no memory of earlier ones. */
    public ForwardContext forward() {
        return forward;
    }

    /** From now on convolutions compute the regions of this plan. */
    public void enter(RegionPlan regions) {
        this.regions = regions;
    }

    /**
     * Enters the plan of a stage that takes whole pictures.
     *
     * @param plan  of the network's run
     * @param index number of the stage
     * @return the plans that the stage goes through one after another, each to be entered in turn: those of its bands,
     *     or only the one that is entered
     */
    public List<RegionPlan> enter(BandPlan plan, int index) {
        if (index <= plan.firstBanded()) enter(plan.stages());
        return index == plan.firstBanded() ? plan.bands() : List.of(regions);
    }

    /** The plan entered last. */
    public RegionPlan regions() {
        return regions;
    }

    /** The region that a convolution computes, or {@code otherwise} if the plan does not contain it. */
    public RegionPlan.Region region(ConvLayer layer, Window otherwise) {
        return regions.region(layer.kernel(), otherwise);
    }

    /** Allocates frames. */
    public Frames frames(int count, Window window, int channels) {
        return frames(count, window, channels, 0);
    }

    /** Allocates frames for the input of a causal convolution, the last of which will enter the feature cache. */
    public Frames causalFrames(int count, Window window, int channels) {
        return frames(count, window, channels, cache.kept(past));
    }

    /** Allocates frames for the input of a {@linkplain #runHalving halving} convolution. */
    public Frames halvedFrames(int count, Window window, int channels) {
        return frames(count, window, channels, cache.kept(HALVING_PAST));
    }

    private Frames frames(int count, Window window, int channels, int lasting) {
        long bytes = regions.bytes(window, channels);
        FramePool pool = forward.pool();
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++)
            frames[i] = count - i <= lasting ? pool.acquireLasting(bytes) : pool.acquire(bytes, regions.isBand());
        return new Frames(frames, window, channels);
    }

    /** Releases frames; null is ignored. */
    public void release(Frames frames) {
        forward.release(frames);
    }

    /** Runs a convolution for the epilogue's window. Rows that the band above has computed are copied. */
    public void run(ConvLayer layer, Frames in, Epilogue epilogue) {
        Convolution convolution = layer.kernel();
        overlap.restore(convolution, epilogue);
        forward.run(layer, in, epilogue);
        overlap.save(convolution, epilogue, regions.sharedWithBelow(convolution));
    }

    /**
     * Runs a causal convolution with its past before {@code x}.
     *
     * @param x from {@link #causalFrames}; the feature cache owns them from now on
     */
    public void runCausal(ConvLayer layer, Frames x, Epilogue epilogue) {
        Frames in = withPast(layer, x);
        run(layer, in, epilogue);
        keepPast(layer, in);
    }

    /** The input of a causal layer: its past, then {@code x}, which stays the caller's until {@link #keepPast}. */
    public Frames withPast(ConvLayer layer, Frames x) {
        return cache.withPast(layer.kernel(), regions, past, x);
    }

    /**
     * Ends the use of a causal layer's input: its last frames become the layer's past.
     *
     * @param in from {@link #withPast} of frames from {@link #causalFrames}; the feature cache owns them from now on
     */
    public void keepPast(ConvLayer layer, Frames in) {
        cache.keep(layer.kernel(), regions, past, in);
    }

    /**
     * Frames for an output that takes the place of a causal layer's input {@code x}. New frames take the place of those
     * that {@link #keepLast} keeps.
     *
     * @param causal whether the last of them will enter the feature cache
     */
    public Frames inPlaceOf(Frames x, boolean causal) {
        int kept = cache.kept(past), reused = x.count() - kept;
        Frames others = causal ? causalFrames(kept, x.window(), x.channels()) : frames(kept, x.window(), x.channels());
        MemorySegment[] frames = x.frames().clone();
        System.arraycopy(others.frames(), 0, frames, reused, kept);
        return new Frames(frames, x.window(), x.channels());
    }

    /** As {@link #keepPast}, but the new frames that do not become the layer's past stay the caller's. */
    public void keepLast(ConvLayer layer, Frames in) {
        cache.keepLast(layer.kernel(), regions, past, in);
    }

    /**
     * Runs a convolution that makes one frame of two, with its past before {@code x}.
     *
     * @param x an even number of frames from {@link #halvedFrames}; the feature cache owns them from now on
     */
    public void runHalving(ConvLayer layer, Frames x, Epilogue epilogue) {
        Frames in = cache.withPast(layer.kernel(), regions, HALVING_PAST, x);
        run(layer, in, epilogue);
        cache.keep(layer.kernel(), regions, HALVING_PAST, in);
    }

    /** Whether frames follow a clip's first one. */
    public boolean remembers() {
        return cache.kept(1) > 0;
    }

    /**
     * Makes a clip's first frame the past of a {@linkplain #runHalving halving} convolution, which does not see it
     * otherwise.
     *
     * @param x from {@link #halvedFrames}; the feature cache owns it from now on
     */
    public void remember(ConvLayer layer, Frames x) {
        cache.keep(layer.kernel(), regions, HALVING_PAST, x);
    }

    /**
     * Sums the parts of a causal convolution ({@link ForwardContext#sumTimeTaps}).
     *
     * @param layer the layer that made the parts
     * @param parts from {@link #causalFrames}; the feature cache owns them from now on
     */
    public void sumTimeTaps(ConvLayer layer, Frames parts, MemorySegment bias, Frames out) {
        Frames all = withPast(layer, parts);
        forward.sumTimeTaps(all, bias, out);
        keepPast(layer, all);
    }

    /** Runs two causal convolutions of the same input, which stays the caller's. They share a past. */
    public void runCausalPair(ConvLayer one, Epilogue oneEpilogue, ConvLayer other, Epilogue otherEpilogue, Frames x) {
        Frames in = withPast(one, x);
        run(one, in, oneEpilogue);
        run(other, in, otherEpilogue);
        cache.keepCopies(one.kernel(), regions, past, in, regions.bytes(x.window(), x.channels()), forward);
    }

    /** Ends the clip: releases the feature cache. */
    @Override
    public void close() {
        cache.clear();
    }
}
