package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.Pass;
import wanvae.model.wan.WanDecoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;

/**
 * Blended tiles, a few at a time, each through all frames, so that the feature caches are those of a few tiles.
 * Finished pixels wait on a {@link TileCanvas}, a small one in memory, a large one in a temporary file; the frames
 * leave when the member's last tile is done.
 *
 * @param bands     bands of rows in which a tile goes through the last stages, at most
 * @param lanes     tiles at a time
 * @param rehearsal of one tile
 */
record TiledDecoding(
        WanDecoder decoder,
        WanConfig config,
        LatentShape shape,
        TilePlan tiles,
        int bands,
        int lanes,
        Path directory,
        Rehearsal rehearsal)
        implements Decoding {
    /** Canvases up to this size stay in memory. */
    static final long IN_MEMORY = 256 << 20;

    /** Latent pixels of a tile for which its smallest layers make a block of work, about. */
    private static final int BLOCK = 256;

    /** One tile at a time. */
    static TiledDecoding plan(WanDecoder decoder, LatentShape shape, TilePlan tiles, int bands, Path directory) {
        return new TiledDecoding(
                decoder,
                decoder.config(),
                shape,
                tiles,
                bands,
                1,
                directory,
                Rehearsal.of(decoder, tiles.shapes(shape), bands));
    }

    /**
     * The plan that fits, or if none does the smallest: as many tiles at a time as keep the threads busy, or fewer;
     * without keeping the transformed weights of the largest layers; in bands of rows.
     *
     * @param limit  bytes
     * @param modest whether several tiles at a time should stay within {@link Rehearsal#BOUND}
     */
    static TiledDecoding choose(
            WanDecoder decoder,
            LatentShape shape,
            TilePlan tiles,
            Path directory,
            int threads,
            long limit,
            boolean modest) {
        TiledDecoding one = plan(decoder, shape, tiles, 1, directory);
        int busy = busy(tiles, threads);
        for (TiledDecoding tiled : new TiledDecoding[] {one, one.keepingFew()})
            for (int lanes = busy; lanes > 0; lanes--) {
                TiledDecoding several = tiled.inLanes(lanes);
                if (several.bytes(threads) <= limit
                        && (lanes == 1 || !modest || tiled.rehearsal.bytes(threads, lanes) <= Rehearsal.BOUND))
                    return several;
            }
        TiledDecoding few = one.keepingFew(),
                banded =
                        plan(decoder, shape, tiles, WithinMemory.MANY_BANDS, directory)
                                .keepingFew();
        return banded.bytes(threads) < few.bytes(threads) ? banded : few;
    }

    /**
     * Tiles at a time whose smallest layers have two blocks of work for each thread together. (Two threads, tiles of
     * 192 pixels and two at a time, or 96 and three: 10 % less time than one at a time. Of 256 pixels: 3 % more, so one
     * will do.)
     */
    private static int busy(TilePlan tiles, int threads) {
        Tile tile = tiles.tile(0, 0);
        int blocks = Math.max(1, tile.height() * tile.width() / BLOCK);
        return threads == 1 ? 1 : Math.min(tiles.count(), Math.ceilDiv(2 * threads, blocks));
    }

    /** The same without keeping the transformed weights of the largest layers. */
    private TiledDecoding keepingFew() {
        return new TiledDecoding(decoder, config, shape, tiles, bands, lanes, directory, rehearsal.keepingFew());
    }

    /** The same with so many tiles at a time. */
    TiledDecoding inLanes(int lanes) {
        return new TiledDecoding(decoder, config, shape, tiles, bands, lanes, directory, rehearsal);
    }

    @Override
    public long bytes(int threads) {
        return rehearsal.bytes(threads, lanes) + lanes * pictureBytes() + canvasBytes() - disk();
    }

    @Override
    public long disk() {
        return canvasBytes() > IN_MEMORY && !Spool.isMemory(directory) ? canvasBytes() : 0;
    }

    @Override
    public String order() {
        Tile tile = tiles.tile(0, 0);
        int scale = config.spatialScale();
        return tiles.rows() + "x" + tiles.columns() + " tiles of at most " + tile.height() * scale + "x"
                + tile.width() * scale + " pixels, " + (lanes == 1 ? "one" : lanes)
                + " at a time through all frames; frames come at the end";
    }

    private long canvasBytes() {
        return TileCanvas.bytes(tiles, config, frames());
    }

    /** Bytes of a tile's pictures. */
    private long pictureBytes() {
        return Assembly.bytes(
                tiles.tile(0, 0).height() * config.spatialScale(),
                tiles.tile(0, 0).width() * config.spatialScale());
    }

    private int frames() {
        return 1 + config.temporalScale() * (shape.frames() - 1);
    }

    @Override
    public double operations() {
        double[] sum = {0};
        tiles.shapes(shape)
                .forEach((tile, count) -> sum[0] +=
                        count * VaeFamily.of(config).operations(config, tile).all());
        return shape.batch() * sum[0];
    }

    /** diffusers' Qwen-Image class leaves its tiled output unclamped, so {@code clamp} does not concern it. */
    @Override
    public void run(
            Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress)
            throws IOException {
        boolean clamped = clamp && config.clampsTiles();
        int height = shape.height() * config.spatialScale(), width = shape.width() * config.spatialScale();
        double total = (double) rehearsal.work() * shape.batch();
        double[] done = {0};
        LongConsumer worked = operations -> {
            synchronized (done) {
                progress.accept((done[0] += operations) / total);
            }
        };
        try (Arena arena = Arena.ofShared();
                Lanes running = new Lanes(lanes, team, frames())) {
            MemorySegment memory = disk() > 0
                    ? Spool.map(arena, canvasBytes(), directory, team)
                    : LargeMemory.allocate(arena, canvasBytes());
            TileCanvas canvas = new TileCanvas(tiles, config, memory);
            Workspace workspace = rehearsal.workspace(arena, team);
            List<Room> rooms = new ArrayList<>();
            for (int i = 0; i < lanes; i++)
                rooms.add(new Room(rehearsal.pool(arena), LargeMemory.allocate(arena, pictureBytes())));
            for (int m = 0; m < shape.batch(); m++) {
                int member = m;
                running.run(tiles.count(), (number, lane) -> {
                    Room room = rooms.get(lane);
                    Pass pass = Pass.decoding(running.team(), workspace, room.pool.empty(), worked);
                    int row = number / tiles.columns(), column = number % tiles.columns();
                    tile(
                            pass,
                            latents,
                            member,
                            tiles.tile(row, column),
                            room.pictures,
                            allowNonfinite,
                            (frame, picture) -> running.inTurn(
                                    number, frame, () -> canvas.add(pass.team, frame, row, column, picture)));
                });
                for (int frame = 0; frame < frames(); frame++) {
                    team.requireGoingOn();
                    sink.frame(member, frame, new Frame(height, width, canvas.picture(team, frame, clamped)));
                    progress.accept(done[0] / total);
                }
            }
        }
    }

    /** The memory of a lane. */
    private record Room(FramePool pool, MemorySegment pictures) {}

    /** Takes the frames of a tile in order. */
    private interface TileConsumer {
        void accept(int frame, MemorySegment picture) throws IOException;
    }

    /** Decodes all frames of a tile. */
    private void tile(
            Pass pass,
            Latents latents,
            int member,
            Tile tile,
            MemorySegment pictures,
            boolean allowNonfinite,
            TileConsumer consumer)
            throws IOException {
        int scale = config.spatialScale(), width = tile.width() * scale;
        LatentShape tileShape = new LatentShape(1, shape.channels(), shape.frames(), tile.height(), tile.width());
        decoder.decode(
                pass,
                tileShape,
                decoder.split(tileShape, bands),
                Denormalisation.of(latents, member, tile, config),
                new Assembly(pass.team, config.patchSize(), false, pictures, (frame, picture, bad) -> {
                    if (bad >= 0 && !allowNonfinite)
                        throw Decoding.nonfinite(
                                shape.batch(),
                                member,
                                frame,
                                tile.y() * scale + bad / width,
                                tile.x() * scale + bad % width);
                    consumer.accept(frame, picture);
                }));
    }
}
