package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.frame.FrameSource;
import wanvae.kernel.Frames;
import wanvae.kernel.Workspace;
import wanvae.model.FramePool;
import wanvae.model.StageSink;
import wanvae.model.VaeEncoder;
import wanvae.runtime.LargeMemory;

/**
 * Encodes whole pictures, a few frames at a time, and delivers their latents as soon as they are done.
 *
 * @param network all stages
 */
record PlainEncoding(VaeEncoder encoder, EncodedVideo video, Section network) implements Encoding {

    /** @param bands bands of rows at the first stage, at most */
    static PlainEncoding plan(VaeEncoder encoder, EncodedVideo video, int bands) {
        return new PlainEncoding(encoder, video, Section.whole(encoder, video.clip(), 0, encoder.stages(), bands));
    }

    /** The same with other needs. */
    PlainEncoding with(MemoryNeeds needs) {
        return new PlainEncoding(encoder, video, network.with(needs));
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
        return needs().bytes(threads) + PictureReader.groupBytes(encoder, video);
    }

    @Override
    public long disk() {
        return 0;
    }

    @Override
    public String order() {
        int bands = network.windows().getFirst().bands().size();
        return "frame 1 alone, then " + encoder.group() + " at a time; at every resolution frames go four at a time"
                + (bands > 1 ? ", at the first one in " + bands + " bands of rows" : "");
    }

    @Override
    public double operations() {
        return video.members() * Encoding.operations(encoder.config(), video.planned());
    }

    @Override
    public void run(FrameSource source, Consumer consumer, EncodeRun run) throws IOException {
        Progress progress = new Progress((double) needs().work() * video.members(), run.progress());
        try (Arena arena = run.arenas().get()) {
            FramePool pool = needs().pool(arena);
            Workspace workspace = needs().workspace(arena, run.team());
            MemorySegment pictures = LargeMemory.allocate(arena, PictureReader.groupBytes(encoder, video));
            for (int m = 0; m < video.members(); m++) {
                PictureReader reader = new PictureReader(encoder, video, source, m, run, bytes -> pictures);
                StageSink sink = sink(m, consumer);
                network.run(run.team(), workspace, pool.empty(), progress, reader, window -> sink);
                reader.skipRest();
            }
        }
    }

    /** Hands what leaves the network to a consumer. */
    static StageSink sink(int member, Consumer consumer) {
        return (first, output) -> {
            for (int t = 0; t < output.frames().count(); t++)
                consumer.accept(member, first + t, values(output.frames(), t));
        };
    }

    /** A frame without padding, {@code [H][W][C]}. */
    private static float[] values(Frames frames, int t) {
        int pixels = frames.height() * frames.width(), channels = frames.channels();
        float[] values = new float[pixels * channels];
        for (int i = 0; i < pixels; i++)
            MemorySegment.copy(
                    frames.frames()[t],
                    ValueLayout.JAVA_FLOAT,
                    4L * i * frames.stride(),
                    values,
                    i * channels,
                    channels);
        return values;
    }
}
