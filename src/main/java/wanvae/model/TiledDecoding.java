package wanvae.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;
import wanvae.checkpoint.WanConfig;
import wanvae.kernel.LargeMemory;
import wanvae.kernel.Team;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.video.Frame;
import wanvae.video.FrameSink;

/**
 * Blended tiles, one after another, each through all frames, so that the feature caches are those of one tile. Finished pixels wait on a
 * {@link TileCanvas}, a small one in memory, a large one in a temporary file; the frames leave when the member's last tile is done.
 */
record TiledDecoding(WanDecoder decoder, WanConfig config, LatentShape shape, TilePlan tiles, int bands, Path directory, Rehearsal rehearsal) implements Decoding {
    /** Canvases up to this size stay in memory. */
    static final long IN_MEMORY = 256 << 20;

    /** @param bands bands of rows in which a tile goes through the last stages, at most */
    static TiledDecoding plan(WanDecoder decoder, WanConfig config, LatentShape shape, TilePlan tiles, int bands, Path directory) {
        return new TiledDecoding(decoder, config, shape, tiles, bands, directory, Rehearsal.of(decoder, tiles.shapes(shape), bands));
    }

    /** The same without keeping the transformed weights of the largest layers. */
    TiledDecoding keepingFew() {
        return new TiledDecoding(decoder, config, shape, tiles, bands, directory, rehearsal.keepingFew());
    }

    @Override
    public long bytes(int threads) {
        return rehearsal.bytes(threads) + pictureBytes() + canvasBytes() - disk();
    }

    @Override
    public long disk() {
        return canvasBytes() > IN_MEMORY ? canvasBytes() : 0;
    }

    @Override
    public String order() {
        Tile tile = tiles.tile(0, 0);
        int scale = config.spatialScale();
        return tiles.rows() + "x" + tiles.columns() + " tiles of at most " + tile.height() * scale + "x" + tile.width() * scale
                + " pixels, one after another through all frames; frames come at the end";
    }

    private long canvasBytes() {
        return TileCanvas.bytes(tiles, config, frames());
    }

    /** Bytes of a tile's pictures. */
    private long pictureBytes() {
        return Assembly.bytes(tiles.tile(0, 0).height() * config.spatialScale(), tiles.tile(0, 0).width() * config.spatialScale());
    }

    private int frames() {
        return 1 + config.temporalScale() * (shape.frames() - 1);
    }

    @Override
    public double operations() {
        double[] sum = {0};
        tiles.shapes(shape).forEach((tile, count) -> sum[0] += count * DecodeOperations.of(config, tile).all());
        return shape.batch() * sum[0];
    }

    /** diffusers' Qwen-Image class leaves its tiled output unclamped, so {@code clamp} does not concern it. */
    @Override
    public void run(Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress) throws IOException {
        boolean clamped = clamp && !config.className().equals("AutoencoderKLQwenImage");
        int height = shape.height() * config.spatialScale(), width = shape.width() * config.spatialScale();
        double total = (double) rehearsal.work() * shape.batch();
        double[] done = {0};
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = disk() > 0 ? Spool.map(arena, canvasBytes(), directory, team) : LargeMemory.allocate(arena, canvasBytes());
            TileCanvas canvas = new TileCanvas(tiles, config, memory, team);
            FramePool pool = rehearsal.pool(arena);
            Workspace workspace = rehearsal.workspace(arena, team);
            MemorySegment pictures = LargeMemory.allocate(arena, pictureBytes());
            for (int member = 0; member < shape.batch(); member++) {
                for (int row = 0; row < tiles.rows(); row++)
                    for (int column = 0; column < tiles.columns(); column++) {
                        Pass pass = Pass.decoding(team, workspace, pool, operations -> progress.accept((done[0] += operations) / total));
                        tile(pass, latents, member, row, column, pictures, canvas, allowNonfinite);
                    }
                for (int frame = 0; frame < frames(); frame++) {
                    team.requireGoingOn();
                    sink.frame(member, frame, new Frame(height, width, canvas.picture(frame, clamped)));
                    progress.accept(done[0] / total);
                }
            }
        }
    }

    /** Decodes all frames of a tile onto the canvas. */
    private void tile(Pass pass, Latents latents, int member, int row, int column, MemorySegment pictures, TileCanvas canvas, boolean allowNonfinite)
            throws IOException {
        Tile tile = tiles.tile(row, column);
        int scale = config.spatialScale(), width = tile.width() * scale;
        LatentShape tileShape = new LatentShape(1, shape.channels(), shape.frames(), tile.height(), tile.width());
        decoder.decode(pass, tileShape, decoder.split(tileShape, bands), Denormalisation.of(latents, member, tile, config),
                new Assembly(pass.team, config.patchSize(), false, pictures, (frame, picture, bad) -> {
                    if (bad >= 0 && !allowNonfinite)
                        throw Decoding.nonfinite(shape.batch(), member, frame, tile.y() * scale + bad / width, tile.x() * scale + bad % width);
                    canvas.add(frame, row, column, picture);
                }));
    }
}
