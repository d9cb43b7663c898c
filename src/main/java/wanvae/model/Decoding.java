package wanvae.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleConsumer;
import wanvae.checkpoint.WanConfig;
import wanvae.kernel.Team;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.tensorfile.FormatException;
import wanvae.video.Frame;
import wanvae.video.FrameSink;

/**
 * A decode of latents of one shape: rehearsed, so that its memory is known, then run member by member.
 *
 * @param frameBytes   activations and feature caches, bytes
 * @param keepsWeights whether all transformed weights are kept in the model; where the frames are large, the largest layers' are made anew for
 *                     each group of frames, which costs little there
 * @param transformed  bytes of transformed weights that are kept
 * @param weightRoom   room for those of one layer that are not, bytes
 * @param scratchBytes scratch of each worker
 * @param work         operations of a member as the layers report them, for progress
 */
public record Decoding(WanDecoder decoder, WanConfig config, LatentShape shape, long frameBytes, boolean keepsWeights, long transformed, long weightRoom,
                       long scratchBytes, long work) {
    /** Frames and transformed weights together stay below this, if giving up the kept weights of the largest layers can do it. */
    private static final long BOUND = 4L << 30;


    /** Rehearses. */
    public static Decoding plan(WanDecoder decoder, WanConfig config, LatentShape shape) {
        FramePool pool = new FramePool(null, decoder.largestFrame(shape));
        long[] work = {0};
        Pass pass = Pass.rehearsal(pool, operations -> work[0] += operations);
        try {
            decoder.decode(pass, shape, null, null);
        } catch (IOException e) {
            throw new AssertionError("a rehearsal reads and writes nothing", e);
        }
        boolean keeps = pool.bytes() + pass.keptAlways() + pass.keptGladly() <= BOUND;
        return new Decoding(decoder, config, shape, pool.bytes(), keeps, pass.keptAlways() + (keeps ? pass.keptGladly() : 0), pass.largestTransformed(),
                pass.scratch(), work[0]);
    }

    /** Memory of the run by this many threads, bytes, weights and latents not included. */
    public long bytes(int threads) {
        return frameBytes + transformed + weightRoom + threads * scratchBytes + pictureBytes();
    }

    private long pictureBytes() {
        return 12L * shape.height() * shape.width() * config.spatialScale() * config.spatialScale();
    }

    /**
     * Decodes every member in turn into the sink.
     *
     * @param progress told the share of the arithmetic done, in [0, 1]
     * @throws FormatException if a result is not finite, unless allowed
     */
    public void run(Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress) throws IOException {
        int height = shape.height() * config.spatialScale(), width = shape.width() * config.spatialScale();
        double total = (double) work * shape.batch();
        double[] done = {0};
        try (Arena arena = Arena.ofShared()) {
            FramePool pool = new FramePool(arena, decoder.largestFrame(shape));
            Workspace workspace = new Workspace(arena, team.size(), scratchBytes, keepsWeights, weightRoom);
            MemorySegment picture = arena.allocate(pictureBytes(), 64);
            for (int member = 0; member < shape.batch(); member++) {
                int m = member;
                int[] index = {0};
                Pass pass = Pass.decoding(team, workspace, pool, operations -> progress.accept((done[0] += operations) / total));
                decoder.decode(pass, shape, Denormalisation.of(latents, m, config), frames -> {
                    for (int t = 0; t < frames.count(); t++) {
                        long bad = Samples.picture(team, frames, t, config.patchSize(), clamp, picture);
                        if (bad >= 0 && !allowNonfinite)
                            throw new FormatException("The decoded video is not finite: first at frame " + index[0] + ", row " + bad / width + ", column "
                                    + bad % width + (shape.batch() > 1 ? " of member " + m : "") + ".");
                        sink.frame(m, index[0]++, new Frame(height, width, picture));
                    }
                });
            }
        }
    }
}
