package wanvae.strategy;

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
 * What a network needs to take clips through it, one after another in the same memory, as dry runs report it.
 *
 * @param regionBytes  activations, and transformed weights that are not kept
 * @param slotBytes    feature caches
 * @param transformed  bytes of the transformed weights of each layer; empty for single pictures, which use a sixth of
 *                     most of them and keep none
 * @param largestKept  a layer keeps its transformed weights from one group of frames to the next if they have at most
 *                     this many bytes; the other layers transform theirs anew for each group
 * @param scratchBytes scratch memory of each worker
 * @param groups       groups of latent frames that go through the network
 * @param work         operations that the layers report, for progress
 */
public record MemoryNeeds(
        long regionBytes,
        long slotBytes,
        List<Long> transformed,
        long largestKept,
        long scratchBytes,
        long groups,
        long work) {

    /** Frames of a clip whose end is not known: more than any clip has. */
    static final int ENDLESS = 1 << 30;

    /** Takes one clip through a network. */
    @FunctionalInterface
    interface Forward {
        void run(ForwardContext context, LatentShape clip) throws IOException;
    }

    /**
     * Runs dry through a network that takes a clip in groups of latent frames, which are all alike but the first and
     * the last. A part of a long clip is enough, because from the third group on each group finds the memory as the
     * group before it did.
     *
     * @param group latent frames that go together
     */
    static MemoryNeeds ofStream(LatentShape clip, int group, Forward forward) {
        if (clip.frames() == ENDLESS) return ofAnyLength(clip, group, forward);
        int part = 1 + 3 * group, left = clip.frames() - part;
        if (left <= group) return of(Map.of(clip, 1), group, forward);
        int frames = part + left % group;
        MemoryNeeds one = of(Map.of(withFrames(clip, 1), 1), group, forward),
                some = of(Map.of(withFrames(clip, frames), 1), group, forward);
        long each = (some.work - one.work) / (frames - 1);
        return new MemoryNeeds(
                some.regionBytes,
                some.slotBytes,
                some.transformed,
                0,
                some.scratchBytes,
                groups(clip, group),
                one.work + each * (clip.frames() - 1));
    }

    /** What suffices for a clip that may end anywhere. */
    private static MemoryNeeds ofAnyLength(LatentShape clip, int group, Forward forward) {
        MemoryNeeds needs = of(Map.of(withFrames(clip, 1 + 4 * group), 1), group, forward);
        for (int frames = 1; frames <= 4 * group; frames++) {
            MemoryNeeds some = of(Map.of(withFrames(clip, frames), 1), group, forward);
            needs = new MemoryNeeds(
                    Math.max(needs.regionBytes, some.regionBytes),
                    Math.max(needs.slotBytes, some.slotBytes),
                    needs.transformed,
                    0,
                    Math.max(needs.scratchBytes, some.scratchBytes),
                    needs.groups,
                    needs.work);
        }
        return needs;
    }

    private static LatentShape withFrames(LatentShape clip, int frames) {
        return new LatentShape(clip.batch(), clip.channels(), frames, clip.height(), clip.width());
    }

    /**
     * Runs dry through a network.
     *
     * @param clips shapes of the clips, and how often each of them goes through, every time with an empty pool
     * @param group latent frames that go together
     */
    static MemoryNeeds of(Map<LatentShape, Integer> clips, int group, Forward forward) {
        long region = 0, slots = 0, scratch = 0, groups = 0, work = 0;
        List<Long> transformed = List.of();
        for (var entry : clips.entrySet()) {
            LatentShape clip = entry.getKey();
            DryContext context = new DryContext();
            try {
                forward.run(context, clip);
            } catch (IOException e) {
                throw new AssertionError("a dry run reads and writes nothing", e);
            }
            region = Math.max(region, context.pool().regionBytes());
            slots = Math.max(slots, context.pool().slotBytes());
            scratch = Math.max(scratch, context.scratchBytes());
            groups += groups(clip, group) * entry.getValue();
            work += context.operations() * entry.getValue();
            if (clip.frames() > 1 && context.transformedBytes().size() > transformed.size())
                transformed = context.transformedBytes();
        }
        return new MemoryNeeds(region, slots, transformed, 0, scratch, groups, work);
    }

    private static long groups(LatentShape clip, int group) {
        return (long) clip.batch() * Math.ceilDiv(clip.frames(), group);
    }

    /** The same with kept weights up to this size. */
    MemoryNeeds keeping(long largest) {
        return new MemoryNeeds(
                regionBytes, slotBytes, transformed, transformed.isEmpty() ? 0 : largest, scratchBytes, groups, work);
    }

    /** Bytes of activations and feature caches. */
    long frameBytes() {
        return regionBytes + slotBytes;
    }

    /** Bytes of transformed weights that the layers keep. */
    long keptBytes() {
        return transformed.stream()
                .filter(bytes -> bytes <= largestKept)
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Bytes of one clip at a time on this many threads. */
    long bytes(int threads) {
        return bytes(threads, 1);
    }

    /** Bytes of several clips at a time on one team of this many threads. */
    long bytes(int threads, int clips) {
        return clips * frameBytes() + keptBytes() + threads * scratchBytes;
    }

    FramePool pool(Arena arena) {
        return FramePool.of(arena, regionBytes, slotBytes);
    }

    Workspace workspace(Arena arena, Team team) {
        return new Workspace(arena, team.size(), scratchBytes, largestKept, 0);
    }
}
