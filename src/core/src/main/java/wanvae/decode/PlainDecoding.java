package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleConsumer;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.Pass;
import wanvae.model.wan.Split;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.KeptMemory;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;

/**
 * Whole pictures, a few frames at a time, which leave as soon as they are done.
 *
 * @param kept where large memory comes from; null: it is new and given back at the end
 */
record PlainDecoding(
        WanDecoder decoder, WanConfig config, LatentShape shape, int bands, Rehearsal rehearsal, KeptMemory kept)
        implements Decoding {

    /** @param bands bands of rows at the last stages, at most */
    static PlainDecoding plan(WanDecoder decoder, WanConfig config, LatentShape shape, int bands) {
        Split split = decoder.split(shape, bands);
        Rehearsal rehearsal = Rehearsal.of(shape, (pass, some) -> decoder.decode(pass, some, split, null, null));
        return new PlainDecoding(decoder, config, shape, split.bands().size(), rehearsal, null);
    }

    /** The same without keeping the transformed weights of the largest layers. */
    PlainDecoding keepingFew() {
        return new PlainDecoding(decoder, config, shape, bands, rehearsal.keepingFew(), kept);
    }

    @Override
    public PlainDecoding keepingAll() {
        return new PlainDecoding(decoder, config, shape, bands, rehearsal.keepingAll(), kept);
    }

    @Override
    public PlainDecoding within(KeptMemory memory) {
        return new PlainDecoding(decoder, config, shape, bands, rehearsal, memory);
    }

    @Override
    public long bytes(int threads) {
        return rehearsal.bytes(threads) + pictureBytes();
    }

    @Override
    public long disk() {
        return 0;
    }

    @Override
    public String order() {
        return "latent frame 1 alone, then four at a time; at every resolution frames go four at a time"
                + (bands > 1 ? ", at the last one in " + bands + " bands of rows" : "");
    }

    @Override
    public double operations() {
        return VaeFamily.of(config).operations(config, shape).all();
    }

    private long pictureBytes() {
        return Assembly.bytes(shape.height() * config.spatialScale(), shape.width() * config.spatialScale());
    }

    @Override
    public void run(
            Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress)
            throws IOException {
        int height = shape.height() * config.spatialScale(), width = shape.width() * config.spatialScale();
        Tile whole = new Tile(0, 0, shape.height(), shape.width());
        double total = (double) rehearsal.work() * shape.batch();
        double[] done = {0};
        try (Arena arena = kept == null ? Arena.ofShared() : kept.arena()) {
            FramePool pool = rehearsal.pool(arena);
            Workspace workspace = rehearsal.workspace(arena, team);
            MemorySegment pictures = LargeMemory.allocate(arena, pictureBytes());
            Split split = decoder.split(shape, bands);
            for (int member = 0; member < shape.batch(); member++) {
                int m = member;
                Pass pass = Pass.decoding(
                        team, workspace, pool.empty(), operations -> progress.accept((done[0] += operations) / total));
                decoder.decode(
                        pass,
                        shape,
                        split,
                        Denormalisation.of(latents, m, whole, config),
                        new Assembly(team, config.patchSize(), clamp, pictures, (frame, picture, bad) -> {
                            if (bad >= 0 && !allowNonfinite)
                                throw Decoding.nonfinite(shape.batch(), m, frame, bad / width, bad % width);
                            sink.frame(m, frame, new Frame(height, width, picture));
                        }));
            }
        }
    }
}
