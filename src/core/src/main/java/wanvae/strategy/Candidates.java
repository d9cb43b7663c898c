package wanvae.strategy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.model.StreamingNetwork;
import wanvae.runtime.Spool;

/**
 * The ways to decode latents of one shape, each with the needs that its dry run reported. A dry run is made when its
 * candidate is first asked for, and only once. A candidate keeps no transformed weights unless its method says
 * otherwise.
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

    private final Key key;
    private final boolean directoryIsMemory;
    private final Map<Integer, PlainDecoding> plain = new HashMap<>();
    private final Map<Integer, Section> before = new HashMap<>();
    private final Map<Integer, TiledDecoding> tiled = new HashMap<>();
    private PieceSearch<PiecewiseDecoding> pieces;
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

    /** Pieces of the picture, with few kept weights; a piece goes through the last stage in bands of rows. */
    PieceSearch<PiecewiseDecoding> pieces(StreamingDecoder decoder) {
        if (pieces == null) pieces = new PieceSearch<>(new Pieces(decoder));
        return pieces;
    }

    private final class Pieces implements PieceSearch.Divisions<PiecewiseDecoding> {
        private final StreamingDecoder decoder;
        private final Window picture;

        Pieces(StreamingDecoder decoder) {
            this.decoder = decoder;
            picture = decoder.shape(key.shape, decoder.stages()).picture();
        }

        @Override
        public List<PieceSearch.Grid> grids(int count) {
            List<PieceSearch.Grid> grids = new ArrayList<>();
            for (int rows = 1; rows <= count; rows++) {
                int columns = count / rows;
                if (rows * columns != count
                        || rows > 1 && picture.height() / rows < Planner.LEAST_PIECE
                        || columns > 1 && picture.width() / columns < Planner.LEAST_PIECE) continue;
                for (int cut = 1; cut < decoder.stages(); cut++) grids.add(new PieceSearch.Grid(cut, rows, columns));
            }
            return grids;
        }

        @Override
        public Optional<PiecewiseDecoding> plan(PieceSearch.Grid grid, long most) {
            int bands = Math.ceilDiv(Planner.MANY_BANDS, grid.rows());
            return PiecewiseDecoding.plan(
                            decoder,
                            key.shape,
                            grid.rows(),
                            grid.columns(),
                            bands,
                            before(decoder, grid.cut()),
                            key.directory,
                            most)
                    .map(pieces -> pieces.inMemory(directoryIsMemory)
                            .with(
                                    Planner.keepingFew(pieces.before().needs()),
                                    Planner.keepingFew(pieces.behind().needs())));
        }
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
