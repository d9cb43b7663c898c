package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Frames;
import wanvae.kernel.Unpatchify;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.BandPlan;
import wanvae.model.FramePool;
import wanvae.model.FrameSizes;
import wanvae.model.LiveContext;
import wanvae.model.StageOutput;
import wanvae.model.StageShape;
import wanvae.model.StageSink;
import wanvae.model.StreamingDecoder;
import wanvae.model.StreamingNetwork;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;

/**
 * The loops turned inside out, for pictures whose feature caches are too large. The first stages take all frames of
 * whole pictures; their outputs wait in a temporary file. Then each piece of the picture goes through the other stages
 * with all frames and with feature caches of its own, every layer computing as much beyond the piece as later layers
 * need. Finished pixels wait in the same file, and the frames leave while the last piece completes them. The bits are
 * those of {@link PlainDecoding}.
 *
 * @param cut      boundary between the stages that take whole pictures and those that take pieces
 * @param rows     pieces from top to bottom
 * @param columns  pieces from left to right
 * @param pieces   plan of each piece, row by row
 * @param inMemory whether memory stands in for the temporary file
 * @param before   what the stages before the cut need
 * @param behind   what the stages behind the cut need
 */
record PiecewiseDecoding(
        StreamingDecoder decoder,
        LatentShape shape,
        int cut,
        int rows,
        int columns,
        List<BandPlan> pieces,
        Path directory,
        boolean inMemory,
        MemoryNeeds before,
        MemoryNeeds behind)
        implements Decoding {

    /** Pieces begin at multiples of this many rows and columns. */
    private static final int EDGE = 8;

    /** What the stages before a cut need. */
    static MemoryNeeds before(StreamingNetwork network, LatentShape shape, int cut) {
        BandPlan plan = planBefore(network, shape, cut);
        return MemoryNeeds.ofStream(
                shape, network.group(), (context, clip) -> network.run(context, clip, 0, cut, plan, null, null));
    }

    private static BandPlan planBefore(StreamingNetwork network, LatentShape shape, int cut) {
        return network.plan(shape, 0, cut, network.shape(shape, cut).picture(), 1, new FrameSizes());
    }

    /**
     * A decode in pieces, with a temporary file.
     *
     * @param bands  bands of rows in which a piece goes through the last stage, at most
     * @param before {@link #before(StreamingNetwork, LatentShape, int)} of this cut
     */
    static PiecewiseDecoding plan(
            StreamingDecoder decoder,
            LatentShape shape,
            int cut,
            int rows,
            int columns,
            int bands,
            Path directory,
            MemoryNeeds before) {
        List<BandPlan> pieces = pieces(decoder, shape, cut, rows, columns, bands);
        MemoryNeeds behind = MemoryNeeds.ofStream(shape, decoder.group(), (context, clip) -> {
            for (BandPlan piece : pieces) decoder.run(context, clip, cut, decoder.stages(), piece, null, null);
        });
        return new PiecewiseDecoding(decoder, shape, cut, rows, columns, pieces, directory, false, before, behind);
    }

    /** The same with other needs. */
    PiecewiseDecoding with(MemoryNeeds before, MemoryNeeds behind) {
        return new PiecewiseDecoding(decoder, shape, cut, rows, columns, pieces, directory, inMemory, before, behind);
    }

    /** The same with or without memory in place of the file. */
    PiecewiseDecoding inMemory(boolean inMemory) {
        return new PiecewiseDecoding(decoder, shape, cut, rows, columns, pieces, directory, inMemory, before, behind);
    }

    private static List<BandPlan> pieces(
            StreamingNetwork network, LatentShape shape, int cut, int rows, int columns, int bands) {
        int height = network.shape(shape, network.stages()).height(),
                width = network.shape(shape, network.stages()).width();
        FrameSizes sizes = new FrameSizes();
        List<BandPlan> pieces = new ArrayList<>();
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) {
                int top = edge(height, row, rows), bottom = edge(height, row + 1, rows);
                int left = edge(width, column, columns), right = edge(width, column + 1, columns);
                Window window = new Window(top, left, bottom - top, right - left, height, width);
                pieces.add(network.plan(shape, cut, network.stages(), window, bands, sizes));
            }
        return pieces;
    }

    private static int edge(int size, int i, int count) {
        return i == count ? size : (int) ((long) size * i / count) / EDGE * EDGE;
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
        return 12L * height() * width();
    }

    private StageShape boundary() {
        return decoder.shape(shape, cut);
    }

    private long storeBytes() {
        return StageOutputs.bytes(boundary())
                + decoder.shape(shape, decoder.stages()).frames() * pictureBytes();
    }

    @Override
    public MemoryNeeds needs() {
        return before.frameBytes() > behind.frameBytes() ? before : behind;
    }

    @Override
    public long keptBytes() {
        return before.keptBytes() + behind.keptBytes();
    }

    @Override
    public long bytes(int threads) {
        return Math.max(before.bytes(threads) + behind.keptBytes(), behind.bytes(threads) + before.keptBytes())
                + (inMemory ? storeBytes() : 0);
    }

    @Override
    public long disk() {
        return inMemory ? 0 : storeBytes();
    }

    /** Operations of all layers, counting twice what two pieces both compute. */
    long work() {
        return before.work() + behind.work();
    }

    @Override
    public String order() {
        return "whole pictures as far as up_block " + (cut - 1) + ", then " + rows + "x" + columns
                + " pieces, each through all frames"
                + String.format(
                        Locale.ROOT, " (%.0f%% more operations)", 100 * (work() * shape.batch() / operations() - 1))
                + "; frames come at the end";
    }

    @Override
    public void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException {
        Progress progress = new Progress((double) work() * shape.batch(), run.progress());
        long outputBytes = StageOutputs.bytes(boundary());
        try (Arena arena = run.arenas().get()) {
            MemorySegment store = inMemory
                    ? LargeMemory.allocate(arena, storeBytes())
                    : Spool.map(arena, storeBytes(), directory, run.team());
            StageOutputs outputs = new StageOutputs(boundary(), store.asSlice(0, outputBytes), run.team());
            MemorySegment pictures = store.asSlice(outputBytes);
            for (int member = 0; member < shape.batch(); member++) {
                runBefore(latents, member, outputs, run, progress);
                runBehind(sink, member, outputs, pictures, run, progress);
            }
        }
    }

    /** Takes whole pictures through the stages before the cut. */
    private void runBefore(Latents latents, int member, StageOutputs outputs, DecodeRun run, Progress progress)
            throws IOException {
        try (Arena arena = run.arenas().get()) {
            decoder.run(
                    new LiveContext(run.team(), before.workspace(arena, run.team()), before.pool(arena), progress),
                    shape,
                    0,
                    cut,
                    planBefore(decoder, shape, cut),
                    new LatentReader(latents, member, 0, Tile.whole(shape), decoder.config()),
                    outputs);
        }
    }

    /** Takes piece by piece through the stages behind the cut; the last one delivers the frames. */
    private void runBehind(
            FrameSink sink, int member, StageOutputs outputs, MemorySegment pictures, DecodeRun run, Progress progress)
            throws IOException {
        try (Arena arena = run.arenas().get()) {
            FramePool pool = behind.pool(arena);
            Workspace workspace = behind.workspace(arena, run.team());
            for (BandPlan piece : pieces) {
                Pixels pixels = new Pixels(member, pictures, run, piece == pieces.getLast() ? sink : null);
                decoder.run(
                        new LiveContext(run.team(), workspace, pool, progress),
                        shape,
                        cut,
                        decoder.stages(),
                        piece,
                        outputs,
                        pixels);
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
            int patch = decoder.config().patchSize();
            for (int t = 0; t < frames.count(); t++) {
                long bad = Unpatchify.picture(run.team(), frames, t, patch, run.clamp(), picture(first + t));
                if (bad >= 0 && !run.allowNonfinite())
                    throw Decoding.nonfinite(shape.batch(), member, first + t, bad / width(), bad % width());
            }
            if (sink == null || frames.window().bottom() < frames.window().pictureHeight()) return;
            for (int t = 0; t < frames.count(); t++)
                sink.frame(member, first + t, new Frame(height(), width(), picture(first + t)));
        }
    }
}
