package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import wanvae.frame.FrameSink;
import wanvae.kernel.Frames;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.ClipDecoder;
import wanvae.model.FramePool;
import wanvae.model.LiveContext;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;

/**
 * The decode of a {@link ClipDecoder}: tiles in time one after another, each with all its frames at once, and in
 * blended tiles in space where they are wanted. The frames of a tile are mixed with the end of the tile before and
 * delivered when the tile is done, so memory does not grow with the clip.
 *
 * @param tiles  tiles in space, or null for whole pictures
 * @param onDisk whether the canvas of the tiles in space lies in a temporary file
 */
record FramewiseDecoding(
        ClipDecoder decoder,
        LatentShape shape,
        TimePlan time,
        TilePlan tiles,
        Path directory,
        boolean onDisk,
        MemoryNeeds needs)
        implements Decoding {

    /**
     * A decode whose canvas is in memory.
     *
     * @param group latent frames that share one transform of a layer's weights
     */
    static FramewiseDecoding plan(
            ClipDecoder decoder, LatentShape shape, TimePlan time, TilePlan tiles, int group, Path directory) {
        MemoryNeeds needs = MemoryNeeds.of(
                shapes(shape, time, tiles), group, (context, clip) -> decoder.decode(context, clip, null, null));
        return new FramewiseDecoding(decoder, shape, time, tiles, directory, false, needs);
    }

    /** The same with other needs. */
    FramewiseDecoding with(MemoryNeeds needs) {
        return new FramewiseDecoding(decoder, shape, time, tiles, directory, onDisk, needs);
    }

    /** The same with its canvas in a temporary file or in memory. */
    FramewiseDecoding onDisk(boolean onDisk) {
        return new FramewiseDecoding(decoder, shape, time, tiles, directory, onDisk, needs);
    }

    /** The shapes of all tiles of a member, and how many there are of each. */
    private static Map<LatentShape, Integer> shapes(LatentShape shape, TimePlan time, TilePlan tiles) {
        Map<LatentShape, Integer> shapes = new LinkedHashMap<>();
        for (int k = 0; k < time.count(); k++) {
            LatentShape clip = new LatentShape(1, shape.channels(), time.latents(k), shape.height(), shape.width());
            if (tiles == null) shapes.merge(clip, 1, Integer::sum);
            else tiles.shapes(clip).forEach((tile, count) -> shapes.merge(tile, count, Integer::sum));
        }
        return shapes;
    }

    private PixelFormat format() {
        return PixelFormat.of(decoder.config());
    }

    private int scale() {
        return decoder.config().spatialScale();
    }

    private int height() {
        return shape.height() * scale();
    }

    private int width() {
        return shape.width() * scale();
    }

    @Override
    public double operations() {
        double sum = 0;
        for (var clip : shapes(shape, time, tiles).entrySet())
            sum += clip.getValue() * Decoding.operations(decoder.config(), clip.getKey());
        return shape.batch() * sum;
    }

    @Override
    public long bytes(int threads) {
        return needs.bytes(threads)
                + pictureBytes()
                + TimeBlend.bytes(time, format(), height(), width())
                + canvasBytes()
                - disk();
    }

    @Override
    public long disk() {
        return onDisk ? canvasBytes() : 0;
    }

    /** Bytes of the pixels of all tiles in space of one tile in time. */
    long canvasBytes() {
        return tiles == null ? 0 : TileCanvas.bytes(tiles, TileCanvas.Pixels.of(decoder.config()), pictures(0));
    }

    /** Frames that tile k in time makes, the dropped one included. */
    private int pictures(int k) {
        return 1 + time.scale() * (time.latents(k) - 1);
    }

    private long pictureBytes() {
        Tile largest = tiles == null ? Tile.whole(shape) : tiles.tile(0, 0);
        return format().bytes(largest.height() * scale(), largest.width() * scale());
    }

    @Override
    public String order() {
        String clip = !time.applies()
                ? "all frames at once, layer by layer"
                : "in time " + time.count() + " tiles of at most " + time.latents(0)
                        + " latent frames, each layer by layer, " + time.overlap() + " frames mixed";
        return tiles == null
                ? clip
                : clip + "; in space " + tiles.rows() + "x" + tiles.columns() + " tiles of at most "
                        + tiles.tile(0, 0).height() * scale() + "x"
                        + tiles.tile(0, 0).width() * scale() + " pixels";
    }

    /** The reference does not clamp this family's output, so {@code clamp} has no effect. */
    @Override
    public void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException {
        Team team = run.team();
        Progress progress = new Progress((double) needs.work() * shape.batch(), run.progress());
        try (Arena arena = run.arenas().get()) {
            MemorySegment memory = onDisk
                    ? Spool.map(arena, canvasBytes(), directory, team)
                    : LargeMemory.allocate(arena, canvasBytes());
            TileCanvas canvas =
                    tiles == null ? null : new TileCanvas(tiles, TileCanvas.Pixels.of(decoder.config()), memory);
            FramePool pool = needs.pool(arena);
            Workspace workspace = needs.workspace(arena, team);
            MemorySegment picture = LargeMemory.allocate(arena, pictureBytes());
            TimeBlend blend = new TimeBlend(time, format(), height(), width(), arena, team, sink);
            for (int m = 0; m < shape.batch(); m++)
                for (int k = 0; k < time.count(); k++) {
                    int member = m, clip = k;
                    blend.begin(member, clip);
                    for (int r = 0; r < (tiles == null ? 1 : tiles.rows()); r++)
                        for (int c = 0; c < (tiles == null ? 1 : tiles.columns()); c++) {
                            int row = r, column = c;
                            Tile tile = tiles == null ? Tile.whole(shape) : tiles.tile(row, column);
                            LiveContext context = new LiveContext(team, workspace, pool.empty(), progress);
                            decode(context, latents, member, clip, tile, (frame, pixels) -> {
                                long bad = format().picture(team, pixels, frame, false, picture);
                                if (bad >= 0 && !run.allowNonfinite()) throw nonfinite(member, clip, frame, tile, bad);
                                if (canvas == null) blend.frame(picture);
                                else canvas.add(team, frame, row, column, picture);
                            });
                        }
                    for (int frame = 0; canvas != null && frame < pictures(clip); frame++) {
                        team.requireGoingOn();
                        blend.frame(canvas.picture(team, frame, false));
                    }
                    progress.repeat();
                }
        }
    }

    /** Takes the frames of a tile, one by one. */
    private interface FrameConsumer {
        void accept(int frame, Frames pixels) throws IOException;
    }

    /** Decodes all frames of tile k in time of a tile in space. */
    private void decode(LiveContext context, Latents latents, int member, int k, Tile tile, FrameConsumer consumer)
            throws IOException {
        LatentShape clip = new LatentShape(1, shape.channels(), time.latents(k), tile.height(), tile.width());
        LatentReader reader = new LatentReader(latents, member, time.start(k), tile, decoder.config());
        decoder.decode(context, clip, reader, (first, output) -> {
            for (int t = 0; t < output.frames().count(); t++) consumer.accept(t, output.frames());
        });
    }

    private FormatException nonfinite(int member, int k, int frame, Tile tile, long position) {
        int width = tile.width() * scale();
        return Decoding.nonfinite(
                shape.batch(),
                member,
                time.start(k) * time.scale() + frame,
                tile.y() * scale() + position / width,
                tile.x() * scale() + position % width);
    }
}
