package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import wanvae.config.VaeConfig;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.LiveContext;
import wanvae.model.StreamingDecoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;

/**
 * Blended tiles, one or several at a time, each through all frames, so that the feature caches are those of a few
 * tiles. Finished pixels wait on a {@link TileCanvas}, a small one in memory, a large one in a temporary file; the
 * frames are delivered when the member's last tile is done.
 *
 * @param bands bands of rows in which a tile goes through the last stages, at most
 * @param lanes tiles at a time
 * @param needs what one tile at a time needs
 */
record TiledDecoding(
        StreamingDecoder decoder,
        LatentShape shape,
        TilePlan tiles,
        int bands,
        int lanes,
        Path directory,
        boolean onDisk,
        MemoryNeeds needs)
        implements Decoding {
    /** One tile at a time, the canvas in memory. */
    static TiledDecoding plan(StreamingDecoder decoder, LatentShape shape, TilePlan tiles, int bands, Path directory) {
        MemoryNeeds needs = MemoryNeeds.of(
                tiles.shapes(shape),
                decoder.group(),
                (context, tile) -> decoder.run(context, tile, decoder.plan(tile, bands), null, null));
        return new TiledDecoding(decoder, shape, tiles, bands, 1, directory, false, needs);
    }

    /** The same with other needs of a tile. */
    TiledDecoding with(MemoryNeeds needs) {
        return new TiledDecoding(decoder, shape, tiles, bands, lanes, directory, onDisk, needs);
    }

    /** The same with its canvas in a temporary file or in memory. */
    TiledDecoding onDisk(boolean onDisk) {
        return new TiledDecoding(decoder, shape, tiles, bands, lanes, directory, onDisk, needs);
    }

    /** The same with this many tiles at a time. */
    TiledDecoding inLanes(int lanes) {
        return new TiledDecoding(decoder, shape, tiles, bands, lanes, directory, onDisk, needs);
    }

    @Override
    public long bytes(int threads) {
        return needs.bytes(threads, lanes) + lanes * pictureBytes() + canvasBytes() - disk();
    }

    @Override
    public long disk() {
        return onDisk ? canvasBytes() : 0;
    }

    @Override
    public String order() {
        Tile tile = tiles.tile(0, 0);
        return tiles.rows() + "x" + tiles.columns() + " tiles of at most " + tile.height() * scale() + "x"
                + tile.width() * scale() + " pixels, " + (lanes == 1 ? "one" : lanes)
                + " at a time through all frames; frames come at the end";
    }

    private int scale() {
        return decoder.config().spatialScale();
    }

    /** Bytes of the pixels of all tiles. */
    long canvasBytes() {
        return TileCanvas.bytes(tiles, TileCanvas.Pixels.of(decoder.config()), frames());
    }

    /** Bytes of a tile's pictures. */
    private long pictureBytes() {
        Tile largest = tiles.tile(0, 0);
        return decoder.group()
                * PixelFormat.of(decoder.config()).bytes(largest.height() * scale(), largest.width() * scale());
    }

    private int frames() {
        return decoder.shape(shape, decoder.stages()).frames();
    }

    @Override
    public double operations() {
        double sum = 0;
        for (var tile : tiles.shapes(shape).entrySet())
            sum += tile.getValue() * Decoding.operations(decoder.config(), tile.getKey());
        return shape.batch() * sum;
    }

    /** Clamps only where the reference clamps tiled results: {@link VaeConfig#clampsTiles}. */
    @Override
    public void run(Latents latents, FrameSink sink, DecodeRun run) throws IOException {
        VaeConfig config = decoder.config();
        boolean clamp = run.clamp() && config.clampsTiles();
        int height = shape.height() * scale(), width = shape.width() * scale();
        Team team = run.team();
        Progress progress = new Progress((double) needs.work() * shape.batch(), run.progress());
        try (Arena arena = run.arenas().get();
                OrderedTasks tasks = new OrderedTasks(lanes, team, frames())) {
            MemorySegment memory = onDisk
                    ? Spool.map(arena, canvasBytes(), directory, team)
                    : LargeMemory.allocate(arena, canvasBytes());
            TileCanvas canvas = new TileCanvas(tiles, TileCanvas.Pixels.of(config), memory);
            Workspace workspace = needs.workspace(arena, team);
            List<Lane> memories = new ArrayList<>();
            for (int i = 0; i < lanes; i++)
                memories.add(new Lane(needs.pool(arena), LargeMemory.allocate(arena, pictureBytes())));
            for (int m = 0; m < shape.batch(); m++) {
                int member = m;
                tasks.run(tiles.count(), (number, lane) -> {
                    int row = number / tiles.columns(), column = number % tiles.columns();
                    Lane own = memories.get(lane);
                    tile(
                            new LiveContext(tasks.team(), workspace, own.pool.empty(), progress),
                            tasks.team(),
                            latents,
                            member,
                            tiles.tile(row, column),
                            own.pictures,
                            run.allowNonfinite(),
                            (frame, picture) -> tasks.inTurn(
                                    number, frame, () -> canvas.add(tasks.team(), frame, row, column, picture)));
                });
                for (int frame = 0; frame < frames(); frame++) {
                    team.requireGoingOn();
                    sink.frame(member, frame, new Frame(height, width, canvas.picture(team, frame, clamp)));
                    progress.repeat();
                }
            }
        }
    }

    /** The memory of a tile. */
    private record Lane(FramePool pool, MemorySegment pictures) {}

    /** Takes the frames of a tile in order. */
    private interface TileConsumer {
        void accept(int frame, MemorySegment picture) throws IOException;
    }

    /** Decodes all frames of a tile. */
    private void tile(
            LiveContext context,
            Team team,
            Latents latents,
            int member,
            Tile tile,
            MemorySegment pictures,
            boolean allowNonfinite,
            TileConsumer consumer)
            throws IOException {
        VaeConfig config = decoder.config();
        int width = tile.width() * scale();
        LatentShape clip = tile.shape(shape);
        decoder.run(
                context,
                clip,
                decoder.plan(clip, bands),
                new LatentReader(latents, member, 0, tile, config),
                new FrameAssembly(
                        team, decoder.group(), PixelFormat.of(config), false, pictures, (frame, picture, bad) -> {
                            if (bad >= 0 && !allowNonfinite)
                                throw Decoding.nonfinite(
                                        shape.batch(),
                                        member,
                                        frame,
                                        tile.y() * scale() + bad / width,
                                        tile.x() * scale() + bad % width);
                            consumer.accept(frame, picture);
                        }));
    }
}
