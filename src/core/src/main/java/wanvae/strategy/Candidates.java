package wanvae.strategy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import wanvae.latent.LatentShape;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.model.StreamingNetwork;
import wanvae.runtime.Spool;

/**
 * The ways to decode latents of one shape, each with the needs that its dry run told. A dry run is made when its
 * candidate is first asked for, and once only. No candidate keeps transformed weights yet.
 */
final class Candidates {
    /**
     * What candidates are made for.
     *
     * @param tiles     tiles in space, or null for whole pictures
     * @param time      tiles in time, of decoders that need all frames of a clip at once
     * @param directory for temporary files
     */
    record Key(LatentShape shape, TilePlan tiles, TimePlan time, Path directory) {}

    private record Grid(int cut, int rows, int columns) {}

    private final Key key;
    private final boolean directoryIsMemory;
    private final Map<Integer, PlainDecoding> plain = new HashMap<>();
    private final Map<Integer, Section> before = new HashMap<>();
    private final Map<Grid, PiecewiseDecoding> pieces = new HashMap<>();
    private final Map<Integer, TiledDecoding> tiled = new HashMap<>();
    private FramewiseDecoding framewise;

    Candidates(Key key) {
        this.key = key;
        directoryIsMemory = Spool.isMemory(key.directory);
    }

    Key key() {
        return key;
    }

    /** Whether a temporary file would lie in memory. */
    boolean directoryIsMemory() {
        return directoryIsMemory;
    }

    /** Whole pictures, the last stages in bands of rows. */
    PlainDecoding plain(StreamingDecoder decoder, int bands) {
        return plain.computeIfAbsent(bands, b -> PlainDecoding.plan(decoder, key.shape, b));
    }

    /** Pieces of the picture; a piece goes through the last stage in bands of rows. */
    PiecewiseDecoding pieces(StreamingDecoder decoder, int cut, int rows, int columns, int bands) {
        return pieces.computeIfAbsent(
                new Grid(cut, rows, columns),
                grid -> PiecewiseDecoding.plan(
                        decoder, key.shape, rows, columns, bands, before(decoder, cut), key.directory));
    }

    private Section before(StreamingNetwork network, int cut) {
        return before.computeIfAbsent(cut, c -> Section.whole(network, key.shape, 0, c, 1));
    }

    /** Blended tiles, one at a time, in bands of rows. */
    TiledDecoding tiled(StreamingDecoder decoder, int bands) {
        return tiled.computeIfAbsent(bands, b -> TiledDecoding.plan(decoder, key.shape, key.tiles, b, key.directory));
    }

    /** All frames of a clip, or of a tile in time, at once. */
    FramewiseDecoding framewise(ClipDecoder decoder, int group) {
        if (framewise == null)
            framewise = FramewiseDecoding.plan(decoder, key.shape, key.time, key.tiles, group, key.directory);
        return framewise;
    }
}
