package wanvae.model;

import java.lang.foreign.MemorySegment;
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
    /** Frames that a causal convolution with three taps in time reaches back. */
    private static final int PAST = 2;

    private final ForwardContext forward;
    private final FeatureCache cache;
    private final BandOverlap overlap;
    private RegionPlan regions = RegionPlan.wholePictures();

    /** @param remembers false if the clip is a single group of frames, so that no past is kept */
    public CausalContext(ForwardContext forward, boolean remembers) {
        this.forward = forward;
        this.cache = new FeatureCache(forward.pool(), remembers);
        this.overlap = new BandOverlap(forward);
    }

    /** For operations that need no memory of earlier ones. */
    public ForwardContext forward() {
        return forward;
    }

    /** From now on convolutions compute the regions of this plan. */
    public void enter(RegionPlan regions) {
        this.regions = regions;
    }

    /** The plan entered last. */
    public RegionPlan regions() {
        return regions;
    }

    /** The region a convolution computes: {@code otherwise}, if it is not in the plan. */
    public RegionPlan.Region region(ConvLayer layer, Window otherwise) {
        return regions.region(layer.kernel(), otherwise);
    }

    /** Allocates frames. */
    public Frames frames(int count, Window window, int channels) {
        return frames(count, window, channels, 0);
    }

    /** Allocates frames for the input of a causal convolution, the last of which will enter the feature cache. */
    public Frames causalFrames(int count, Window window, int channels) {
        return frames(count, window, channels, cache.kept(PAST));
    }

    private Frames frames(int count, Window window, int channels, int lasting) {
        long bytes = regions.bytes(window, channels);
        FramePool pool = forward.pool();
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++)
            frames[i] = count - i <= lasting ? pool.acquireLasting(bytes) : pool.acquire(bytes, regions.isBand());
        return new Frames(frames, window, channels);
    }

    /** Releases frames; null is nothing. */
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
        Frames in = cache.withPast(layer.kernel(), regions, PAST, x);
        run(layer, in, epilogue);
        cache.keep(layer.kernel(), regions, PAST, in);
    }

    /**
     * Sums the parts of a causal convolution ({@link ForwardContext#sumTimeTaps}).
     *
     * @param layer that made the parts
     * @param parts from {@link #causalFrames}; the feature cache owns them from now on
     */
    public void sumTimeTaps(ConvLayer layer, Frames parts, MemorySegment bias, Frames out) {
        Frames all = cache.withPast(layer.kernel(), regions, PAST, parts);
        forward.sumTimeTaps(all, bias, out);
        cache.keep(layer.kernel(), regions, PAST, all);
    }

    /** Runs two causal convolutions of the same input, which stays the caller's. They share a past. */
    public void runCausalPair(ConvLayer one, Epilogue oneEpilogue, ConvLayer other, Epilogue otherEpilogue, Frames x) {
        Frames in = cache.withPast(one.kernel(), regions, PAST, x);
        run(one, in, oneEpilogue);
        run(other, in, otherEpilogue);
        cache.keepCopies(one.kernel(), regions, PAST, in, regions.bytes(x.window(), x.channels()), forward);
    }

    /** Ends the clip: releases the feature cache. */
    @Override
    public void close() {
        cache.clear();
    }
}
