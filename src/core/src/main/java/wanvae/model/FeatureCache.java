package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import wanvae.kernel.Frames;

/**
 * The last input frames of every causal layer, which its next run needs as its past. Each layer has a past for each
 * {@link RegionPlan} it runs in, since bands hold different pixels. Before the first frame of a clip the past is
 * zeros, which null frames stand for.
 */
final class FeatureCache {
    private final FramePool pool;
    private final boolean keeps;
    private final Map<RegionPlan, Map<Object, MemorySegment[]>> past = new HashMap<>();

    /** @param keeps false if no frames follow, so that there is nothing to remember */
    FeatureCache(FramePool pool, boolean keeps) {
        this.pool = pool;
        this.keeps = keeps;
    }

    /** How many of a layer's last {@code depth} input frames {@link #keep} will keep. */
    int kept(int depth) {
        return keeps ? depth : 0;
    }

    /**
     * A layer's past frames with new frames behind them.
     *
     * @param layer identity of the layer
     * @param depth frames the layer reaches back
     */
    Frames withPast(Object layer, RegionPlan regions, int depth, Frames x) {
        MemorySegment[] before = pasts(regions).getOrDefault(layer, new MemorySegment[depth]);
        MemorySegment[] all = Arrays.copyOf(before, depth + x.count());
        System.arraycopy(x.frames(), 0, all, depth, x.count());
        return new Frames(all, x.window(), x.channels());
    }

    /**
     * Makes the last frames of {@code all} the layer's past and releases the others.
     *
     * @param all frames from {@link #withPast}; the cache owns them from now on
     */
    void keep(Object layer, RegionPlan regions, int depth, Frames all) {
        MemorySegment[] frames = all.frames();
        int released = frames.length - kept(depth);
        for (int i = 0; i < released; i++) pool.release(frames[i]);
        if (keeps) pasts(regions).put(layer, Arrays.copyOfRange(frames, released, frames.length));
    }

    /** As {@link #keep}, but the new frames that do not become the layer's past stay the caller's. */
    void keepLast(Object layer, RegionPlan regions, int depth, Frames all) {
        MemorySegment[] frames = all.frames();
        for (int i = 0; i < depth; i++) pool.release(frames[i]);
        if (keeps) pasts(regions).put(layer, Arrays.copyOfRange(frames, frames.length - depth, frames.length));
    }

    /**
     * As {@link #keep}, but the new frames stay the caller's, so the layer's past becomes copies of them.
     *
     * @param bytes bytes of a frame
     */
    void keepCopies(Object layer, RegionPlan regions, int depth, Frames all, long bytes, ForwardContext forward) {
        if (!keeps) return;
        MemorySegment[] frames = all.frames(), last = new MemorySegment[depth];
        for (int i = 0; i < depth; i++) {
            int from = frames.length - depth + i;
            last[i] = from < depth ? frames[from] : pool.acquireLasting(bytes);
            if (from >= depth)
                forward.copy(
                        new Frames(new MemorySegment[] {last[i]}, all.window(), all.channels()),
                        all.slice(from, from + 1),
                        all.window());
        }
        for (int i = 0; i < Math.min(depth, frames.length - depth); i++) pool.release(frames[i]);
        pasts(regions).put(layer, last);
    }

    private Map<Object, MemorySegment[]> pasts(RegionPlan regions) {
        return past.computeIfAbsent(regions, r -> new IdentityHashMap<>());
    }

    /** Releases all frames. */
    void clear() {
        for (Map<Object, MemorySegment[]> layers : past.values())
            for (MemorySegment[] frames : layers.values()) for (MemorySegment frame : frames) pool.release(frame);
        past.clear();
    }
}
