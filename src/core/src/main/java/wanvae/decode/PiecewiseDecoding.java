package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Unpatchify;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.LatentSource;
import wanvae.model.Layout;
import wanvae.model.Pass;
import wanvae.model.wan.Split;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;

/**
 * The loops turned inside out, where the feature caches of whole pictures are too large: the first stages take all
 * frames of whole pictures, what they hand on waits in a temporary file; then each piece of the picture goes through
 * all frames with caches of its own, every layer computing as much beyond the piece as later layers need. Finished
 * pixels wait beside it, and the frames leave while the last piece completes them. The bits are those of {@link
 * PlainDecoding}.
 *
 * @param cut      the stages before this number take whole pictures
 * @param rows     pieces from top to bottom
 * @param columns  pieces from left to right
 * @param bands    bands of rows in which a piece goes through the last stage, at most
 * @param inMemory whether memory stands in for the temporary file
 * @param whole    of the first stages
 * @param pieces   of the others
 */
record PiecewiseDecoding(
        WanDecoder decoder,
        WanConfig config,
        LatentShape shape,
        int cut,
        int rows,
        int columns,
        int bands,
        Path directory,
        boolean inMemory,
        Rehearsal whole,
        Rehearsal pieces)
        implements Decoding {

    /** Pieces begin at multiples of so many rows and columns. */
    private static final int EDGE = 8;

    /** Rehearses the first stages. */
    static Rehearsal beginning(WanDecoder decoder, LatentShape shape, int cut) {
        return Rehearsal.of(shape, (pass, some) -> {
                    CarryStore store = new CarryStore(decoder, cut, some, null);
                    decoder.begin(pass, some, cut, null, (carry, first, frame) -> store.put(pass, carry));
                })
                .keepingFew();
    }

    /** @param whole {@link #beginning} */
    static PiecewiseDecoding plan(
            WanDecoder decoder,
            WanConfig config,
            LatentShape shape,
            int cut,
            int rows,
            int columns,
            int bands,
            Path directory,
            Rehearsal whole) {
        Rehearsal pieces = Rehearsal.of(shape, (pass, some) -> {
            for (Split split : splits(decoder, shape, cut, rows, columns, bands)) {
                if (some.frames() == 1) pass.forget();
                new CarryStore(decoder, cut, some, null).finish(pass, split, null);
            }
        });
        return new PiecewiseDecoding(
                decoder, config, shape, cut, rows, columns, bands, directory, false, whole, pieces.keepingFew());
    }

    /** The same with or without memory in place of the file. */
    PiecewiseDecoding inMemory(boolean inMemory) {
        return new PiecewiseDecoding(
                decoder, config, shape, cut, rows, columns, bands, directory, inMemory, whole, pieces);
    }

    /** The pieces, row by row. */
    static List<Split> splits(WanDecoder decoder, LatentShape shape, int cut, int rows, int columns, int bands) {
        Window picture = decoder.picture(shape);
        Layout.Room room = new Layout.Room();
        List<Split> splits = new ArrayList<>();
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) {
                int top = edge(picture.height(), row, rows), left = edge(picture.width(), column, columns);
                splits.add(decoder.split(
                        shape.frames(),
                        room,
                        cut,
                        new Window(
                                top,
                                left,
                                edge(picture.height(), row + 1, rows) - top,
                                edge(picture.width(), column + 1, columns) - left,
                                picture.height(),
                                picture.width()),
                        bands));
            }
        return splits;
    }

    private static int edge(int size, int i, int count) {
        return i == count ? size : (int) ((long) size * i / count) / EDGE * EDGE;
    }

    @Override
    public double operations() {
        return VaeFamily.of(config).operations(config, shape).all();
    }

    private int height() {
        return shape.height() * config.spatialScale();
    }

    private int width() {
        return shape.width() * config.spatialScale();
    }

    private long pictureBytes() {
        return 12L * height() * width();
    }

    private int frames() {
        return 1 + config.temporalScale() * (shape.frames() - 1);
    }

    private long carryBytes() {
        return CarryStore.bytes(decoder, cut, shape);
    }

    long storeBytes() {
        return carryBytes() + frames() * pictureBytes();
    }

    @Override
    public Rehearsal rehearsal() {
        return whole.frameBytes() > pieces.frameBytes() ? whole : pieces;
    }

    @Override
    public long keptBytes() {
        return whole.kept() + pieces.kept();
    }

    @Override
    public long bytes(int threads) {
        return Math.max(whole.bytes(threads) + pieces.kept(), pieces.bytes(threads) + whole.kept())
                + (inMemory ? storeBytes() : 0);
    }

    @Override
    public long disk() {
        return inMemory ? 0 : storeBytes();
    }

    /** Operations of all layers, of what pieces share too. */
    long work() {
        return whole.work() + pieces.work();
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
    public void run(
            Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress)
            throws IOException {
        double total = (double) work() * shape.batch();
        double[] done = {0};
        try (Arena arena = Arena.ofShared()) {
            MemorySegment store = inMemory
                    ? LargeMemory.allocate(arena, storeBytes())
                    : Spool.map(arena, storeBytes(), directory, team);
            CarryStore carries = new CarryStore(decoder, cut, shape, store.asSlice(0, carryBytes()));
            MemorySegment pixels = store.asSlice(carryBytes());
            for (int member = 0; member < shape.batch(); member++) {
                carries.clear();
                begin(latents, member, carries, team, operations -> progress.accept((done[0] += operations) / total));
                finish(
                        sink,
                        member,
                        carries,
                        pixels,
                        team,
                        clamp,
                        allowNonfinite,
                        operations -> progress.accept((done[0] += operations) / total));
            }
        }
    }

    /** The first stages. */
    private void begin(Latents latents, int member, CarryStore carries, Team team, LongConsumer worked)
            throws IOException {
        try (Arena arena = Arena.ofShared()) {
            Pass pass = Pass.decoding(team, whole.workspace(arena, team), whole.pool(arena), worked);
            LatentSource source =
                    Denormalisation.of(latents, member, new Tile(0, 0, shape.height(), shape.width()), config);
            decoder.begin(pass, shape, cut, source, (carry, first, frame) -> carries.put(pass, carry));
        }
    }

    /** The others, piece by piece; the last one delivers the frames. */
    private void finish(
            FrameSink sink,
            int member,
            CarryStore carries,
            MemorySegment pixels,
            Team team,
            boolean clamp,
            boolean allowNonfinite,
            LongConsumer worked)
            throws IOException {
        try (Arena arena = Arena.ofShared()) {
            FramePool pool = pieces.pool(arena);
            Workspace workspace = pieces.workspace(arena, team);
            List<Split> splits = splits(decoder, shape, cut, rows, columns, bands);
            for (Split split : splits) {
                Pass pass = Pass.decoding(team, workspace, pool, worked);
                if (shape.frames() == 1) pass.forget();
                carries.finish(pass, split, (first, frames) -> {
                    for (int t = 0; t < frames.count(); t++) {
                        MemorySegment picture = pixels.asSlice((first + t) * pictureBytes(), pictureBytes());
                        long bad = Unpatchify.picture(team, frames, t, config.patchSize(), clamp, picture);
                        if (bad >= 0 && !allowNonfinite)
                            throw Decoding.nonfinite(shape.batch(), member, first + t, bad / width(), bad % width());
                    }
                    if (split == splits.getLast()
                            && frames.window().bottom() == frames.window().pictureHeight())
                        for (int t = 0; t < frames.count(); t++)
                            sink.frame(
                                    member,
                                    first + t,
                                    new Frame(
                                            height(),
                                            width(),
                                            pixels.asSlice((first + t) * pictureBytes(), pictureBytes())));
                });
            }
        }
    }
}
