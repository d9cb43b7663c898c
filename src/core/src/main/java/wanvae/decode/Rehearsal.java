package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.model.FramePool;
import wanvae.model.Pass;
import wanvae.model.hunyuan.HunyuanDecoder;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.Team;

/**
 * What decodes take that follow one another in the same memory.
 *
 * @param regionBytes  activations, and transformed weights that are not kept, bytes
 * @param slotBytes    feature caches, bytes
 * @param transformed  bytes of each layer's transformed weights; none for single pictures, which need a sixth of most
 *                     of them and leave none behind
 * @param largestKept  layers whose transformed weights take no more than so many bytes keep them; the others, whose
 *                     frames are small, make them anew for each group of frames
 * @param scratchBytes scratch of each worker
 * @param work         operations as the layers report them, for progress
 */
public record Rehearsal(
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
    /**
     * So many latent frames, then as many more as the last group has: from the third group on, groups find the memory
     * as those before left it.
     */
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

    /**
     * A decoder that goes through the latent frames in groups, all alike but the first and the last: some of them tell
     * all.
     */
    static Rehearsal of(LatentShape shape, Rehearsed decoder) {
        int left = shape.frames() - REHEARSED;
        if (left <= WanDecoder.GROUP) return of(Map.of(shape, 1), decoder);
        Rehearsal one = of(Map.of(frames(shape, 1), 1), decoder),
                some = of(Map.of(frames(shape, REHEARSED + left % WanDecoder.GROUP), 1), decoder);
        long each = (some.work - one.work) / (REHEARSED + left % WanDecoder.GROUP - 1);
        Rehearsal all = new Rehearsal(
                some.regionBytes,
                some.slotBytes,
                some.transformed,
                0,
                some.scratchBytes,
                one.work + each * (shape.frames() - 1));
        return all.keeping(groups(shape));
    }

    private static LatentShape frames(LatentShape shape, int frames) {
        return new LatentShape(shape.batch(), shape.channels(), frames, shape.height(), shape.width());
    }

    private static Rehearsal of(Map<LatentShape, Integer> shapes, Rehearsed decoder) {
        long region = 0, slots = 0, scratch = 0, work = 0, groups = 0;
        List<Long> transformed = List.of();
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
            groups += groups(entry.getKey()) * entry.getValue();
            region = Math.max(region, pool.regionBytes());
            slots = Math.max(slots, pool.slotBytes());
            scratch = Math.max(scratch, pass.scratch());
            if (entry.getKey().frames() > 1 && pass.transformed().size() > transformed.size())
                transformed = pass.transformed();
        }
        return new Rehearsal(region, slots, transformed, 0, scratch, work).keeping(groups);
    }

    private static long groups(LatentShape shape) {
        return (long) shape.batch() * Math.ceilDiv(shape.frames(), WanDecoder.GROUP);
    }

    private Rehearsal keeping(long groups) {
        Rehearsal most = upTo(MOST), usual = most.isModest() ? most : keepingFew();
        return groups >= MANY ? usual.keepingAll() : usual;
    }

    private Rehearsal upTo(long bytes) {
        return new Rehearsal(
                regionBytes, slotBytes, transformed, transformed.isEmpty() ? 0 : bytes, scratchBytes, work);
    }

    private boolean isModest() {
        return frameBytes() + kept() <= BOUND;
    }

    /** The same keeping the weights of all layers, for decodes that are not the last, if that is not too much. */
    Rehearsal keepingAll() {
        Rehearsal all = upTo(Long.MAX_VALUE);
        return all.isModest() ? all : this;
    }

    /** The same without keeping the weights of larger layers. */
    Rehearsal keepingFew() {
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
        return new Workspace(arena, team.size(), scratchBytes, largestKept, 0);
    }
}
