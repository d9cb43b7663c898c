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
 * @param regionBytes  activations, bytes
 * @param frameBytes   activations and feature caches, bytes
 * @param keepsWeights whether all transformed weights are kept in the model; where the frames are large, the largest layers' are made anew for
 *                     each group of frames, which costs little there
 * @param transformed  bytes of transformed weights that are kept
 * @param weightRoom   room for those of one layer that are not, bytes
 * @param scratchBytes scratch of each worker
 * @param work         operations as the layers report them, for progress
 */
public record Rehearsal(long regionBytes, long frameBytes, boolean keepsWeights, long transformed, long weightRoom, long scratchBytes, long work) {
    /** Frames and transformed weights together stay below this, if giving up the kept weights of the largest layers can do it. */
    private static final long BOUND = 4L << 30;

    /**
     * @param shapes of one member each, the largest first, and how often each is decoded
     * @param bands  bands of the last stage
     */
    static Rehearsal of(WanDecoder decoder, Map<LatentShape, Integer> shapes, int bands) {
        return of(shapes, (pass, shape) -> decoder.decode(pass, shape, decoder.split(shape, bands), null, null));
    }

    /** As the other one. */
    static Rehearsal of(HunyuanDecoder decoder, Map<LatentShape, Integer> shapes) {
        return of(shapes, (pass, shape) -> decoder.decode(pass, shape, null, null));
    }

    /** A decode of one member that reads and writes nothing. */
    private interface Rehearsed {
        void decode(Pass pass, LatentShape shape) throws IOException;
    }

    private static Rehearsal of(Map<LatentShape, Integer> shapes, Rehearsed decoder) {
        FramePool pool = FramePool.rehearsal();
        long scratch = 0, work = 0, keptAlways = 0, keptGladly = 0, largestTransformed = 0;
        for (var entry : shapes.entrySet()) {
            long[] once = {0};
            Pass pass = Pass.rehearsal(pool, operations -> once[0] += operations);
            try {
                decoder.decode(pass, entry.getKey());
            } catch (IOException e) {
                throw new AssertionError("a rehearsal reads and writes nothing", e);
            }
            work += once[0] * entry.getValue();
            scratch = Math.max(scratch, pass.scratch());
            keptAlways = Math.max(keptAlways, pass.keptAlways());
            keptGladly = Math.max(keptGladly, pass.keptGladly());
            largestTransformed = Math.max(largestTransformed, pass.largestTransformed());
        }
        long frameBytes = pool.regionBytes() + pool.slotBytes();
        boolean keeps = frameBytes + keptAlways + keptGladly <= BOUND;
        return new Rehearsal(pool.regionBytes(), frameBytes, keeps, keptAlways + (keeps ? keptGladly : 0), largestTransformed, scratch, work);
    }

    /** Memory of such decodes by this many threads, bytes. */
    long bytes(int threads) {
        return frameBytes + transformed + weightRoom + threads * scratchBytes;
    }

    FramePool pool(Arena arena) {
        return FramePool.of(arena, regionBytes);
    }

    Workspace workspace(Arena arena, Team team) {
        return new Workspace(arena, team.size(), scratchBytes, keepsWeights, weightRoom);
    }
}
