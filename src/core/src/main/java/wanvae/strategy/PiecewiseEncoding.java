package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import wanvae.frame.FrameSource;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.VaeEncoder;

/**
 * Encodes piece by piece pictures whose feature caches are too large to be held at once. All pictures wait in a
 * temporary file. Each piece of the picture goes through the first stages with all frames and with feature caches of
 * its own, every layer computing as much beyond the piece as later layers need, into the same file. Then the other
 * stages take whole pictures. The bits are those of {@link PlainEncoding}.
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
        implements Encoding, Piecewise {

    /**
     * An encode in pieces, with a temporary file.
     *
     * @param bands  bands of rows in which a piece goes through the first stage, at most
     * @param behind the stages behind the pieces
     * @param most   bytes of activations and feature caches
     * @return the encode, or nothing if it takes more
     */
    static Optional<PiecewiseEncoding> plan(
            VaeEncoder encoder,
            EncodedVideo video,
            int rows,
            int columns,
            int bands,
            Section behind,
            Path directory,
            long most) {
        if (behind.needs().frameBytes() > most) return Optional.empty();
        return Section.pieces(encoder, video.clip(), 0, behind.from(), rows, columns, bands, most)
                .map(before -> new PiecewiseEncoding(encoder, video, rows, columns, before, behind, directory, false));
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
    @Override
    public long storeBytes() {
        return PictureReader.bytes(encoder, video, video.planned().frames())
                + StageOutputs.bytes(encoder.shape(video.planned(), behind.from()));
    }

    @Override
    public String order() {
        return rows + "x" + columns + " pieces, each through all frames as far as down_block " + (behind.from() - 1)
                + ", then whole pictures"
                + overlap(video.members())
                + "; latents come at the end";
    }

    @Override
    public void run(FrameSource source, Consumer consumer, EncodeRun run) throws IOException {
        Progress progress = new Progress((double) work() * video.members(), run.progress());
        for (int m = 0; m < video.members(); m++) {
            int member = m;
            try (Arena arena = run.arenas().get()) {
                PictureReader reader =
                        new PictureReader(encoder, video, source, m, run, bytes -> store(arena, bytes, run.team()));
                int frames = reader.readAll();
                if (frames == 0) return;
                reader.skipRest();
                EncodedVideo clip = video.withFrames(frames);
                StageShape boundary = encoder.shape(clip.clip(), behind.from());
                StageOutputs outputs =
                        new StageOutputs(boundary, store(arena, StageOutputs.bytes(boundary), run.team()), run.team());
                before.of(clip.clip()).run(run.team(), run.arenas(), progress, reader, window -> outputs);
                StageSink sink = PlainEncoding.sink(member, consumer);
                behind.of(clip.clip()).run(run.team(), run.arenas(), progress, outputs, window -> sink);
            }
        }
    }
}
