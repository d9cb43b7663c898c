package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.config.VaeConfig;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.StreamingDecoder;
import wanvae.runtime.LargeMemory;

/**
 * Decodes whole pictures, a few frames at a time, and delivers them as soon as they are done.
 *
 * @param network all stages
 */
record PlainDecoding(StreamingDecoder decoder, LatentShape shape, Section network) implements Decoding {

    /** @param bands bands of rows at the last stages, at most */
    static PlainDecoding plan(StreamingDecoder decoder, LatentShape shape, int bands) {
        return new PlainDecoding(decoder, shape, Section.whole(decoder, shape, 0, decoder.stages(), bands));
    }

    /** The same with other needs. */
    PlainDecoding with(MemoryNeeds needs) {
        return new PlainDecoding(decoder, shape, network.with(needs));
    }

    @Override
    public MemoryNeeds needs() {
        return network.needs();
    }

    @Override
    public boolean isUndivided() {
        return true;
    }

    @Override
    public long bytes(int threads) {
        return needs().bytes(threads) + pictureBytes();
    }

    @Override
    public long disk() {
        return 0;
    }

    @Override
    public String order() {
        int bands = network.windows().getFirst().bands().size();
        return "latent frame 1 alone, then four at a time; at every resolution frames go four at a time"
                + (bands > 1 ? ", at the last one in " + bands + " bands of rows" : "");
    }

    @Override
    public double operations() {
        return Decoding.operations(decoder.config(), shape);
    }

    private int height() {
        return shape.height() * decoder.config().spatialScale();
    }

    private int width() {
        return shape.width() * decoder.config().spatialScale();
    }

    private long pictureBytes() {
        return decoder.group() * PixelFormat.of(decoder.config()).bytes(height(), width());
    }

    @Override
    public void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException {
        VaeConfig config = decoder.config();
        Progress progress = new Progress((double) needs().work() * shape.batch(), run.progress());
        try (Arena arena = run.arenas().get()) {
            FramePool pool = needs().pool(arena);
            Workspace workspace = needs().workspace(arena, run.team());
            MemorySegment pictures = LargeMemory.allocate(arena, pictureBytes());
            for (int m = 0; m < shape.batch(); m++) {
                int member = m;
                FrameAssembly.PictureConsumer consumer = (frame, picture, bad) -> {
                    if (bad >= 0 && !run.allowNonfinite())
                        throw Decoding.nonfinite(shape.batch(), member, frame, bad / width(), bad % width());
                    sink.frame(member, frame, new Frame(height(), width(), picture));
                };
                network.run(
                        run.team(),
                        workspace,
                        pool.empty(),
                        progress,
                        new LatentReader(latents, member, 0, Tile.whole(shape), config),
                        window -> new FrameAssembly(
                                run.team(), decoder.group(), PixelFormat.of(config), run.clamp(), pictures, consumer));
            }
        }
    }
}
