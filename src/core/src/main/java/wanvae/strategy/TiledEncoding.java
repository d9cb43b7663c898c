package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import wanvae.frame.FrameSource;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.model.FramePool;
import wanvae.model.LiveContext;
import wanvae.model.VaeEncoder;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;

/**
 * Blended tiles, one at a time, each through all frames, so that the feature caches are those of a tile. All pictures
 * wait in a temporary file, and the encoder's output for the tiles waits on a {@link TileCanvas}; latents are delivered
 * when the member's last tile is done.
 *
 * @param tiles    in latent pixels
 * @param bands    bands of rows in which a tile goes through the first stage, at most
 * @param inMemory whether memory stands in for the temporary file
 * @param needs    what one tile needs
 */
record TiledEncoding(
        VaeEncoder encoder,
        EncodedVideo video,
        TilePlan tiles,
        int bands,
        Path directory,
        boolean inMemory,
        MemoryNeeds needs)
        implements Encoding {

    /** @param inMemory whether memory stands in for the temporary file */
    static TiledEncoding plan(
            VaeEncoder encoder, EncodedVideo video, TilePlan tiles, int bands, Path directory, boolean inMemory) {
        MemoryNeeds needs = MemoryNeeds.of(tiles.shapes(video.planned()), encoder.group(), (context, latents) -> {
            LatentShape clip = pictures(encoder, video, latents);
            encoder.run(context, clip, encoder.plan(clip, bands), null, null);
        });
        return new TiledEncoding(encoder, video, tiles, bands, directory, inMemory, needs);
    }

    /** The pictures, in patches, of a tile with this height and width in latent pixels. */
    private static LatentShape pictures(VaeEncoder encoder, EncodedVideo video, LatentShape tile) {
        int patches = encoder.config().spatialScale() / video.patch();
        return new LatentShape(1, tile.channels(), tile.frames(), tile.height() * patches, tile.width() * patches);
    }

    /** The same with other needs of a tile. */
    TiledEncoding with(MemoryNeeds needs) {
        return new TiledEncoding(encoder, video, tiles, bands, directory, inMemory, needs);
    }

    /** The same for this number of frames. */
    private TiledEncoding ofLength(int frames) {
        TiledEncoding known = plan(encoder, video.withFrames(frames), tiles, bands, directory, inMemory);
        return known.with(known.needs.keeping(needs.largestKept()));
    }

    private TileCanvas.Pixels pixels() {
        int channels = encoder.shape(video.planned(), encoder.stages()).channels();
        return new TileCanvas.Pixels(1, 1, channels);
    }

    /** The pixels of a tile. */
    private Tile tile(int row, int column) {
        int scale = encoder.config().spatialScale();
        Tile tile = tiles.tile(row, column);
        return new Tile(tile.y() * scale, tile.x() * scale, tile.height() * scale, tile.width() * scale);
    }

    private static long pictureBytes(EncodedVideo video, Tile tile) {
        return 4L * video.colours() * tile.height() * tile.width();
    }

    private int latentFrames() {
        return encoder.shape(video.planned(), encoder.stages()).frames();
    }

    private long storeBytes() {
        return PictureReader.bytes(encoder, video, video.planned().frames());
    }

    @Override
    public long bytes(int threads) {
        return needs.bytes(threads)
                + pictureBytes(video, tile(0, 0))
                + TileCanvas.bytes(tiles, pixels(), latentFrames())
                + (inMemory ? storeBytes() : 0);
    }

    @Override
    public long disk() {
        return inMemory ? 0 : storeBytes();
    }

    @Override
    public double operations() {
        double sum = 0;
        for (var tile : tiles.shapes(video.planned()).entrySet())
            sum += tile.getValue() * Encoding.operations(encoder.config(), pictures(encoder, video, tile.getKey()));
        return video.members() * sum;
    }

    @Override
    public String order() {
        Tile tile = tile(0, 0);
        return tiles.rows() + "x" + tiles.columns() + " tiles of at most " + tile.height() + "x" + tile.width()
                + " pixels, one at a time through all frames; latents come at the end";
    }

    @Override
    public void run(FrameSource source, Consumer consumer, EncodeRun run) throws IOException {
        Progress progress = new Progress((double) needs.work() * video.members(), run.progress());
        for (int m = 0; m < video.members(); m++) {
            try (Arena arena = run.arenas().get()) {
                PictureReader.Room room = bytes ->
                        inMemory ? LargeMemory.allocate(arena, bytes) : Spool.map(arena, bytes, directory, run.team());
                PictureReader reader = new PictureReader(encoder, video, source, m, run, room);
                int frames = reader.readAll();
                if (frames == 0) return;
                reader.skipRest();
                TiledEncoding encoding = video.isOpenEnded() ? ofLength(frames) : this;
                encoding.run(m, reader, consumer, arena, run, progress);
            }
        }
    }

    private void run(int member, PictureReader reader, Consumer consumer, Arena arena, EncodeRun run, Progress progress)
            throws IOException {
        int count = latentFrames(), plane = tiles.height() * tiles.width() * pixels().channels();
        MemorySegment memory = LargeMemory.allocate(arena, TileCanvas.bytes(tiles, pixels(), count));
        TileCanvas canvas = new TileCanvas(tiles, pixels(), memory);
        FramePool pool = needs.pool(arena);
        Workspace workspace = needs.workspace(arena, run.team());
        MemorySegment picture = LargeMemory.allocate(arena, pictureBytes(video, tile(0, 0)));
        for (int r = 0; r < tiles.rows(); r++)
            for (int c = 0; c < tiles.columns(); c++) {
                int row = r, column = c;
                Tile tile = tile(row, column);
                LatentShape shape =
                        pictures(encoder, video, tiles.tile(row, column).shape(video.planned()));
                Consumer blend =
                        (_, frame, values) -> canvas.add(run.team(), frame, row, column, MemorySegment.ofArray(values));
                encoder.run(
                        new LiveContext(run.team(), workspace, pool.empty(), progress),
                        shape,
                        encoder.plan(shape, bands),
                        reader.tile(tile, picture.asSlice(0, pictureBytes(video, tile))),
                        PlainEncoding.sink(member, blend));
            }
        for (int frame = 0; frame < count; frame++) {
            float[] values = new float[plane];
            MemorySegment.copy(
                    canvas.picture(run.team(), frame, false), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, plane);
            consumer.accept(member, frame, values);
        }
    }
}
