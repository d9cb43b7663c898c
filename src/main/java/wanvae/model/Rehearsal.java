package wanvae.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import wanvae.kernel.Team;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;

/**
 * What decodes take that follow one another in the same memory.
 *
 * @param regionBytes  activations, and transformed weights that are not kept, bytes
 * @param slotBytes    feature caches, bytes
 * @param keepsWeights whether all transformed weights are kept in the model; where the frames are large, the largest layers' are made anew for
 *                     each group of frames, which costs little there
 * @param keptAlways   bytes of transformed weights that are kept anyway
 * @param keptGladly   bytes of those that are kept where {@code keepsWeights}
 * @param scratchBytes scratch of each worker
 * @param work         operations as the layers report them, for progress
 */
public record Rehearsal(long regionBytes, long slotBytes, boolean keepsWeights, long keptAlways, long keptGladly, long scratchBytes, long work) {
    /** Frames and transformed weights together stay below this, if giving up the kept weights of the largest layers can do it. */
    static final long BOUND = 4L << 30;
    /** So many latent frames, then as many more as the last group has: from the third group on, groups find the memory as those before left it. */
    private static final int REHEARSED = 1 + 3 * WanDecoder.GROUP;

    /** A decode of one member that reads and writes nothing. */
    @FunctionalInterface
    interface Rehearsed {
        void decode(Pass pass, LatentShape shape) throws IOException;
    }

    /**
     * @param shapes of one member each, and how often each is decoded, with an empty pool every time
     * @param bands  bands of the last stage
     */
    static Rehearsal of(WanDecoder decoder, Map<LatentShape, Integer> shapes, int bands) {
        return of(shapes, (pass, shape) -> decoder.decode(pass, shape, decoder.split(shape, bands), null, null));
    }

    /** As the other one. */
    static Rehearsal of(HunyuanDecoder decoder, Map<LatentShape, Integer> shapes) {
        return of(shapes, (pass, shape) -> decoder.decode(pass, shape, null, null));
    }

    /** A decoder that goes through the latent frames in groups, all alike but the first and the last: some of them tell all. */
    static Rehearsal of(LatentShape shape, Rehearsed decoder) {
        int left = shape.frames() - REHEARSED;
        if (left <= WanDecoder.GROUP) return of(Map.of(shape, 1), decoder);
        Rehearsal one = of(Map.of(frames(shape, 1), 1), decoder), some = of(Map.of(frames(shape, REHEARSED + left % WanDecoder.GROUP), 1), decoder);
        long each = (some.work - one.work) / (REHEARSED + left % WanDecoder.GROUP - 1);
        return new Rehearsal(some.regionBytes, some.slotBytes, some.keepsWeights, some.keptAlways, some.keptGladly, some.scratchBytes,
                one.work + each * (shape.frames() - 1));
    }

    private static LatentShape frames(LatentShape shape, int frames) {
        return new LatentShape(shape.batch(), shape.channels(), frames, shape.height(), shape.width());
    }

    private static Rehearsal of(Map<LatentShape, Integer> shapes, Rehearsed decoder) {
        long region = 0, slots = 0, scratch = 0, work = 0, keptAlways = 0, keptGladly = 0;
        for (var entry : shapes.entrySet()) {
            long[] once = {0};
            FramePool pool = FramePool.rehearsal();
            Pass pass = Pass.rehearsal(pool, operations -> once[0] += operations);
            try {
                decoder.decode(pass, entry.getKey());
            } catch (IOException e) {
                throw new AssertionError("a rehearsal reads and writes nothing", e);
            }
            work += once[0] * entry.getValue();
            region = Math.max(region, pool.regionBytes());
            slots = Math.max(slots, pool.slotBytes());
            scratch = Math.max(scratch, pass.scratch());
            keptAlways = Math.max(keptAlways, pass.keptAlways());
            keptGladly = Math.max(keptGladly, pass.keptGladly());
        }
        boolean keeps = region + slots + keptAlways + keptGladly <= BOUND;
        return new Rehearsal(region, slots, keeps, keptAlways, keptGladly, scratch, work);
    }

    /** The same without keeping the weights of the largest layers. */
    Rehearsal keepingFew() {
        return new Rehearsal(regionBytes, slotBytes, false, keptAlways, keptGladly, scratchBytes, work);
    }

    /** Bytes of activations and feature caches. */
    public long frameBytes() {
        return regionBytes + slotBytes;
    }

    /** Bytes of transformed weights that the model keeps. */
    public long kept() {
        return keptAlways + (keepsWeights ? keptGladly : 0);
    }

    /** Memory of such decodes by this many threads, bytes. */
    long bytes(int threads) {
        return bytes(threads, 1);
    }

    /** Memory of so many decodes at a time by one team, bytes. */
    long bytes(int threads, int decodes) {
        return decodes * frameBytes() + kept() + threads * scratchBytes;
    }

    FramePool pool(Arena arena) {
        return FramePool.of(arena, regionBytes, slotBytes);
    }

    Workspace workspace(Arena arena, Team team) {
        return new Workspace(arena, team.size(), scratchBytes, keepsWeights, 0);
    }
}
