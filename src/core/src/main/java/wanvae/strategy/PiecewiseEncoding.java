package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import wanvae.frame.FrameSource;
import wanvae.model.BandPlan;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.model.VaeEncoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;

/**
 * The loops turned inside out, for pictures whose feature caches are too large. All pictures wait in a temporary file.
 * Each piece of the picture goes through the first stages with all frames and with feature caches of its own, every
 * layer computing as much beyond the piece as later layers need, into the same file. Then the other stages take whole
 * pictures. The bits are those of {@link PlainEncoding}.
 *
 * @param rows     pieces from top to bottom
 * @param columns  pieces from left to right
 * @param before   the stages that make pieces
 * @param behind   the stages that make whole pictures
 * @param inMemory whether memory stands in for the temporary file
 */
record PiecewiseEncoding(
        VaeEncoder encoder,
        EncodedVideo video,
        int rows,
        int columns,
        Section before,
        Section behind,
        Path directory,
        boolean inMemory)
        implements Encoding {

    /**
     * An encode in pieces, with a temporary file.
     *
     * @param bands  bands of rows in which a piece goes through the first stage, at most
     * @param behind the stages behind the pieces
     */
    static PiecewiseEncoding plan(
            VaeEncoder encoder, EncodedVideo video, int rows, int columns, int bands, Section behind, Path directory) {
        Section before = Section.pieces(encoder, video.clip(), 0, behind.from(), rows, columns, bands);
        return new PiecewiseEncoding(encoder, video, rows, columns, before, behind, directory, false);
    }

    /** The same with other needs. */
    PiecewiseEncoding with(MemoryNeeds before, MemoryNeeds behind) {
        return new PiecewiseEncoding(
                encoder, video, rows, columns, this.before.with(before), this.behind.with(behind), directory, inMemory);
    }

    /** The same with or without memory in place of the file. */
    PiecewiseEncoding inMemory(boolean inMemory) {
        return new PiecewiseEncoding(encoder, video, rows, columns, before, behind, directory, inMemory);
    }

    @Override
    public double operations() {
        return video.members() * Encoding.operations(encoder.config(), video.planned());
    }

    /** Bytes of all pictures of a member, and of what crosses the boundary between the two sections. */
    private long storeBytes() {
        return PictureReader.bytes(encoder, video, video.planned().frames())
                + StageOutputs.bytes(encoder.shape(video.planned(), behind.from()));
    }

    @Override
    public MemoryNeeds needs() {
        return before.needs().frameBytes() > behind.needs().frameBytes() ? before.needs() : behind.needs();
    }

    @Override
    public long keptBytes() {
        return before.needs().keptBytes() + behind.needs().keptBytes();
    }

    @Override
    public long bytes(int threads) {
        MemoryNeeds first = before.needs(), second = behind.needs();
        return Math.max(first.bytes(threads) + second.keptBytes(), second.bytes(threads) + first.keptBytes())
                + (inMemory ? storeBytes() : 0);
    }

    @Override
    public long disk() {
        return inMemory ? 0 : storeBytes();
    }

    /** Operations of all layers, counting twice what two pieces both compute. */
    long work() {
        return before.needs().work() + behind.needs().work();
    }

    @Override
    public String order() {
        return rows + "x" + columns + " pieces, each through all frames as far as down_block " + (behind.from() - 1)
                + ", then whole pictures"
                + String.format(
                        Locale.ROOT, " (%.0f%% more operations)", 100 * (work() * video.members() / operations() - 1))
                + "; latents come at the end";
    }

    @Override
    public void run(FrameSource source, Consumer consumer, EncodeRun run) throws IOException {
        Progress progress = new Progress((double) work() * video.members(), run.progress());
        for (int m = 0; m < video.members(); m++) {
            int member = m;
            try (Arena arena = run.arenas().get()) {
                PictureReader reader =
                        new PictureReader(encoder, video, source, m, run, bytes -> store(arena, bytes, run));
                int frames = reader.readAll();
                if (frames == 0) return;
                reader.skipRest();
                EncodedVideo clip = video.withFrames(frames);
                StageShape boundary = encoder.shape(clip.clip(), behind.from());
                StageOutputs outputs =
                        new StageOutputs(boundary, store(arena, StageOutputs.bytes(boundary), run), run.team());
                run(before.of(clip.clip()), run, progress, reader, window -> outputs);
                StageSink sink = PlainEncoding.sink(member, consumer);
                run(behind.of(clip.clip()), run, progress, outputs, window -> sink);
            }
        }
    }

    private MemorySegment store(Arena arena, long bytes, EncodeRun run) throws IOException {
        return inMemory ? LargeMemory.allocate(arena, bytes) : Spool.map(arena, bytes, directory, run.team());
    }

    /** Takes one member through a section, whose memory is freed afterwards. */
    private void run(
            Section section, EncodeRun run, Progress progress, StageSource source, Function<BandPlan, StageSink> sinks)
            throws IOException {
        MemoryNeeds needs = section.needs();
        try (Arena arena = run.arenas().get()) {
            section.run(run.team(), needs.workspace(arena, run.team()), needs.pool(arena), progress, source, sinks);
        }
    }
}
