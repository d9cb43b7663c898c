package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import wanvae.family.VaeFamily;
import wanvae.frame.FrameSink;
import wanvae.kernel.Frames;
import wanvae.kernel.Unpatchify;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.FramePool;
import wanvae.model.LatentSource;
import wanvae.model.Pass;
import wanvae.model.hunyuan.HunyuanDecoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;

/**
 * HunyuanVideo's decode: tiles in time one after another, each with all its frames at once, in spatial tiles where they
 * are wanted. The frames of a tile leave when it is done, mixed with the end of the one before, so memory does not grow
 * with the clip.
 */
record FramewiseDecoding(
        HunyuanDecoder decoder, LatentShape shape, TimePlan time, TilePlan tiles, Path directory, Rehearsal rehearsal)
        implements Decoding {

    /** @param tiles null decodes every picture whole */
    static FramewiseDecoding plan(
            HunyuanDecoder decoder, LatentShape shape, TimePlan time, TilePlan tiles, Path directory) {
        TilePlan applied = tiles != null && tiles.applies() ? tiles : null;
        return new FramewiseDecoding(
                decoder, shape, time, applied, directory, Rehearsal.of(decoder, shapes(shape, time, applied)));
    }

    /** The same without keeping the transformed weights of the largest layers. */
    FramewiseDecoding keepingFew() {
        return new FramewiseDecoding(decoder, shape, time, tiles, directory, rehearsal.keepingFew());
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

    private int height() {
        return shape.height() * decoder.config().spatialScale();
    }

    private int width() {
        return shape.width() * decoder.config().spatialScale();
    }

    @Override
    public double operations() {
        double[] sum = {0};
        shapes(shape, time, tiles)
                .forEach((tile, count) -> sum[0] += count
                        * VaeFamily.of(decoder.config())
                                .operations(decoder.config(), tile)
                                .all());
        return shape.batch() * sum[0];
    }

    @Override
    public long bytes(int threads) {
        return rehearsal.bytes(threads)
                + pictureBytes()
                + TimeBlend.bytes(time, height(), width())
                + canvasBytes()
                - disk();
    }

    @Override
    public long disk() {
        return canvasBytes() > TiledDecoding.IN_MEMORY && !time.applies() && !Spool.isMemory(directory)
                ? canvasBytes()
                : 0;
    }

    /** The pictures of one tile in time. */
    private long canvasBytes() {
        return tiles == null ? 0 : TileCanvas.bytes(tiles, decoder.config(), pictures(0));
    }

    /** Frames that tile k in time makes, the one that is dropped too. */
    private int pictures(int k) {
        return 1 + time.scale() * (time.latents(k) - 1);
    }

    private long pictureBytes() {
        int scale = decoder.config().spatialScale();
        return tiles == null
                ? 12L * height() * width()
                : 12L * tiles.tile(0, 0).height() * tiles.tile(0, 0).width() * scale * scale;
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
                        + tiles.tile(0, 0).height() * decoder.config().spatialScale() + "x"
                        + tiles.tile(0, 0).width() * decoder.config().spatialScale() + " pixels";
    }

    /** The reference does not clamp this family's output, so {@code clamp} does not concern it. */
    @Override
    public void run(
            Latents latents, FrameSink sink, Team team, boolean clamp, boolean allowNonfinite, DoubleConsumer progress)
            throws IOException {
        double total = (double) rehearsal.work() * shape.batch();
        double[] done = {0};
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = disk() > 0
                    ? Spool.map(arena, canvasBytes(), directory, team)
                    : LargeMemory.allocate(arena, canvasBytes());
            TileCanvas canvas = tiles == null ? null : new TileCanvas(tiles, decoder.config(), memory);
            FramePool pool = rehearsal.pool(arena);
            Workspace workspace = rehearsal.workspace(arena, team);
            MemorySegment picture = LargeMemory.allocate(arena, pictureBytes());
            TimeBlend blend = new TimeBlend(time, height(), width(), arena, team, sink);
            LongConsumer worked = operations -> progress.accept((done[0] += operations) / total);
            for (int member = 0; member < shape.batch(); member++)
                for (int k = 0; k < time.count(); k++) {
                    blend.begin(member, k);
                    for (int row = 0; row < (tiles == null ? 1 : tiles.rows()); row++)
                        for (int column = 0; column < (tiles == null ? 1 : tiles.columns()); column++) {
                            Tile tile = tiles == null
                                    ? new Tile(0, 0, shape.height(), shape.width())
                                    : tiles.tile(row, column);
                            int r = row, c = column, m = member, clip = k;
                            decode(
                                    Pass.decoding(team, workspace, pool.empty(), worked),
                                    latents,
                                    member,
                                    k,
                                    tile,
                                    (frame, pixels) -> {
                                        long bad = Unpatchify.picture(team, pixels, frame, 1, false, picture);
                                        if (bad >= 0 && !allowNonfinite) throw nonfinite(m, clip, frame, tile, bad);
                                        if (canvas == null) blend.frame(picture);
                                        else canvas.add(team, frame, r, c, picture);
                                    });
                        }
                    for (int frame = 0; canvas != null && frame < pictures(k); frame++) {
                        team.requireGoingOn();
                        blend.frame(canvas.picture(team, frame, false));
                    }
                    progress.accept(done[0] / total);
                }
        }
    }

    /** What becomes of a frame of a tile. */
    private interface Taker {
        void accept(int frame, Frames pixels) throws IOException;
    }

    /** Decodes all frames of tile k in time of a tile in space. */
    private void decode(Pass pass, Latents latents, int member, int k, Tile tile, Taker taker) throws IOException {
        LatentSource clip = Denormalisation.of(latents, member, tile, decoder.config());
        LatentShape latentShape = new LatentShape(1, shape.channels(), time.latents(k), tile.height(), tile.width());
        decoder.decode(
                pass, latentShape, (frame, target) -> clip.read(time.start(k) + frame, target), (first, frames) -> {
                    for (int t = 0; t < frames.count(); t++) taker.accept(t, frames);
                });
    }

    private FormatException nonfinite(int member, int k, int frame, Tile tile, long position) {
        int scale = decoder.config().spatialScale(), width = tile.width() * scale;
        return Decoding.nonfinite(
                shape.batch(),
                member,
                time.start(k) * time.scale() + frame,
                tile.y() * scale + position / width,
                tile.x() * scale + position % width);
    }
}
