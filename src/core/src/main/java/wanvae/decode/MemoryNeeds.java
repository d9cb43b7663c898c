package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.model.DryContext;
import wanvae.model.ForwardContext;
import wanvae.model.FramePool;
import wanvae.runtime.Team;

/**
 * What clips take that go through a network one after another in the same memory, as dry runs tell.
 *
 * @param regionBytes  activations, and transformed weights that are not kept
 * @param slotBytes    feature caches
 * @param transformed  bytes of the transformed weights of each layer; empty for single pictures, which need a sixth of
 *                     most of them and keep none
 * @param largestKept  a layer keeps its transformed weights for later groups of frames if they have at most this many
 *                     bytes; the other layers, whose frames are small, make them anew for each group
 * @param scratchBytes scratch memory of each worker
 * @param work         operations that the layers report, for progress
 */
public record MemoryNeeds(
        long regionBytes, long slotBytes, List<Long> transformed, long largestKept, long scratchBytes, long work) {
    /** Frames and transformed weights together stay below this, if giving up kept weights can do it. */
    static final long BOUND = 4L << 30;
    /**
     * Sizes of weights that are kept by layers with few channels, and by those that use them several times for each
     * group of latent frames.
     */
    private static final long FEW = 5L << 20, MOST = 40L << 20;
    /**
     * Groups of latent frames from which on the largest are kept too. Wan's 384 channels: 1.2 GB, which it takes one to
     * two seconds to touch for the first time (on a virtual machine), and a sixth of a second to make anew for each
     * group on one Zen 5 core.
     */
    private static final int MANY = 8;

    /** Takes one clip through a network. */
    @FunctionalInterface
    interface Forward {
        void run(ForwardContext context, LatentShape clip) throws IOException;
    }

    /**
     * Runs dry through a network that takes a clip in groups of latent frames, all alike but the first and the last. For
     * a long clip, a part of it tells all: from the third group on, each group finds the memory as the group before.
     *
     * @param group latent frames that go together
     */
    static MemoryNeeds ofStream(LatentShape clip, int group, Forward forward) {
        int part = 1 + 3 * group, left = clip.frames() - part;
        if (left <= group) return of(Map.of(clip, 1), group, forward);
        MemoryNeeds one = of(Map.of(frames(clip, 1), 1), group, forward),
                some = of(Map.of(frames(clip, part + left % group), 1), group, forward);
        long each = (some.work - one.work) / (part + left % group - 1);
        MemoryNeeds all = new MemoryNeeds(
                some.regionBytes,
                some.slotBytes,
                some.transformed,
                0,
                some.scratchBytes,
                one.work + each * (clip.frames() - 1));
        return all.keeping(groups(clip, group));
    }

    private static LatentShape frames(LatentShape clip, int frames) {
        return new LatentShape(clip.batch(), clip.channels(), frames, clip.height(), clip.width());
    }

    /**
     * Runs dry through a network.
     *
     * @param clips shapes of the clips, and how often each of them goes through, every time with an empty pool
     * @param group latent frames that go together
     */
    static MemoryNeeds of(Map<LatentShape, Integer> clips, int group, Forward forward) {
        long region = 0, slots = 0, scratch = 0, work = 0, groups = 0;
        List<Long> transformed = List.of();
        for (var entry : clips.entrySet()) {
            LatentShape clip = entry.getKey();
            DryContext context = new DryContext();
            try {
                forward.run(context, clip);
            } catch (IOException e) {
                throw new AssertionError("a dry run reads and writes nothing", e);
            }
            work += context.operations() * entry.getValue();
            groups += groups(clip, group) * entry.getValue();
            region = Math.max(region, context.pool().regionBytes());
            slots = Math.max(slots, context.pool().slotBytes());
            scratch = Math.max(scratch, context.scratchBytes());
            if (clip.frames() > 1 && context.transformedBytes().size() > transformed.size())
                transformed = context.transformedBytes();
        }
        return new MemoryNeeds(region, slots, transformed, 0, scratch, work).keeping(groups);
    }

    private static long groups(LatentShape clip, int group) {
        return (long) clip.batch() * Math.ceilDiv(clip.frames(), group);
    }

    private MemoryNeeds keeping(long groups) {
        MemoryNeeds most = upTo(MOST), usual = most.isModest() ? most : keepingFew();
        return groups >= MANY ? usual.keepingAll() : usual;
    }

    private MemoryNeeds upTo(long bytes) {
        return new MemoryNeeds(
                regionBytes, slotBytes, transformed, transformed.isEmpty() ? 0 : bytes, scratchBytes, work);
    }

    private boolean isModest() {
        return frameBytes() + kept() <= BOUND;
    }

    /** The same keeping the weights of all layers, for decodes that are not the last, if that is not too much. */
    MemoryNeeds keepingAll() {
        MemoryNeeds all = upTo(Long.MAX_VALUE);
        return all.isModest() ? all : this;
    }

    /** The same without keeping the weights of larger layers. */
    MemoryNeeds keepingFew() {
        return upTo(FEW);
    }

    /** Bytes of activations and feature caches. */
    public long frameBytes() {
        return regionBytes + slotBytes;
    }

    /** Bytes of transformed weights that the model keeps. */
    public long kept() {
        return transformed.stream()
                .filter(bytes -> bytes <= largestKept)
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Memory of one clip at a time, bytes. */
    long bytes(int threads) {
        return bytes(threads, 1);
    }

    /** Memory of several clips at a time on one team, bytes. */
    long bytes(int threads, int clips) {
        return clips * frameBytes() + kept() + threads * scratchBytes;
    }

    FramePool pool(Arena arena) {
        return FramePool.of(arena, regionBytes, slotBytes);
    }

    Workspace workspace(Arena arena, Team team) {
        return new Workspace(arena, team.size(), scratchBytes, largestKept, 0);
    }
}
