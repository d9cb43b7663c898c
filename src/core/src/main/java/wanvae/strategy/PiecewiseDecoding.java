package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Frames;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.BandPlan;
import wanvae.model.StageOutput;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StreamingDecoder;

/**
 * Decodes piece by piece pictures whose feature caches are too large to be held at once. The first stages take all
 * frames of whole pictures; their outputs wait in a temporary file. Then each piece of the picture goes through the
 * other stages with all frames and with feature caches of its own, every layer computing as much beyond the piece as
 * later layers need. Finished pixels wait in the same file, and each frame is delivered when the last piece has
 * completed it. The bits are those of {@link PlainDecoding}.
 *
 * @param rows     pieces from top to bottom
 * @param columns  pieces from left to right
 * @param before   the stages that make whole pictures
 * @param behind   the stages that make pieces
 * @param inMemory whether memory stands in for the temporary file
 */
record PiecewiseDecoding(
        StreamingDecoder decoder,
        LatentShape shape,
        int rows,
        int columns,
        Section before,
        Section behind,
        Path directory,
        boolean inMemory)
        implements Decoding, Piecewise {

    /**
     * A decode in pieces, with a temporary file.
     *
     * @param bands  bands of rows in which a piece goes through the last stage, at most
     * @param before the stages before the pieces
     * @param most   bytes of activations and feature caches
     * @return the decode, or nothing if it takes more
     */
    static Optional<PiecewiseDecoding> plan(
            StreamingDecoder decoder,
            LatentShape shape,
            int rows,
            int columns,
            int bands,
            Section before,
            Path directory,
            long most) {
        if (before.needs().frameBytes() > most) return Optional.empty();
        return Section.pieces(decoder, shape, before.to(), decoder.stages(), rows, columns, bands, most)
                .map(behind -> new PiecewiseDecoding(decoder, shape, rows, columns, before, behind, directory, false));
    }

    /** The same with other needs. */
    PiecewiseDecoding with(MemoryNeeds before, MemoryNeeds behind) {
        return new PiecewiseDecoding(
                decoder, shape, rows, columns, this.before.with(before), this.behind.with(behind), directory, inMemory);
    }

    /** The same with or without memory in place of the file. */
    PiecewiseDecoding inMemory(boolean inMemory) {
        return new PiecewiseDecoding(decoder, shape, rows, columns, before, behind, directory, inMemory);
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
        return PixelFormat.of(decoder.config()).bytes(height(), width());
    }

    /** The boundary between the two sections. */
    private StageShape boundary() {
        return decoder.shape(shape, before.to());
    }

    @Override
    public long storeBytes() {
        return StageOutputs.bytes(boundary())
                + decoder.shape(shape, decoder.stages()).frames() * pictureBytes();
    }

    @Override
    public String order() {
        return "whole pictures as far as up_block " + (before.to() - 1) + ", then " + rows + "x" + columns
                + " pieces, each through all frames"
                + overlap(shape.batch())
                + "; frames come at the end";
    }

    @Override
    public void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException {
        Progress progress = new Progress((double) work() * shape.batch(), run.progress());
        long outputBytes = StageOutputs.bytes(boundary());
        try (Arena arena = run.arenas().get()) {
            MemorySegment store = store(arena, storeBytes(), run.team());
            StageOutputs outputs = new StageOutputs(boundary(), store.asSlice(0, outputBytes), run.team());
            MemorySegment pictures = store.asSlice(outputBytes);
            for (int m = 0; m < shape.batch(); m++) {
                int member = m;
                before.run(
                        run.team(),
                        run.arenas(),
                        progress,
                        new LatentReader(latents, member, 0, Tile.whole(shape), decoder.config()),
                        window -> outputs);
                BandPlan last = behind.windows().getLast();
                behind.run(
                        run.team(),
                        run.arenas(),
                        progress,
                        outputs,
                        piece -> new Pixels(member, pictures, run, piece == last ? sink : null));
            }
        }
    }

    /** Takes the pixels of one piece. */
    private final class Pixels implements StageSink {
        private final int member;
        private final MemorySegment pictures;
        private final DecodeRun run;
        private final FrameSink sink;

        /** @param sink takes the frames if this is the last piece, else null */
        Pixels(int member, MemorySegment pictures, DecodeRun run, FrameSink sink) {
            this.member = member;
            this.pictures = pictures;
            this.run = run;
            this.sink = sink;
        }

        private MemorySegment picture(int frame) {
            return pictures.asSlice(frame * pictureBytes(), pictureBytes());
        }

        @Override
        public void accept(int first, StageOutput output) throws IOException {
            Frames frames = output.frames();
            PixelFormat format = PixelFormat.of(decoder.config());
            for (int t = 0; t < frames.count(); t++) {
                long bad = format.picture(run.team(), frames, t, run.clamp(), picture(first + t));
                if (bad >= 0 && !run.allowNonfinite())
                    throw Decoding.nonfinite(shape.batch(), member, first + t, bad / width(), bad % width());
            }
            if (sink == null || frames.window().bottom() < frames.window().pictureHeight()) return;
            for (int t = 0; t < frames.count(); t++)
                sink.frame(member, first + t, new Frame(height(), width(), picture(first + t)));
        }
    }
}
