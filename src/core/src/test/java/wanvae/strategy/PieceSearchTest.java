package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wanvae.config.Half;
import wanvae.config.WanConfig;
import wanvae.family.VaeFamily;
import wanvae.latent.LatentShape;
import wanvae.model.Weights;
import wanvae.model.wan.WanDecoder;
import wanvae.strategy.PieceSearch.Grid;

/** Dry runs that end early lead to the divisions that all dry runs to their ends lead to. */
class PieceSearchTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));
    private static final int THREADS = 2;
    private static final int[] COUNTS = {2, 3, 4, 6, 8};

    private final WanConfig config = DivisionTest.config(false);
    private final WanDecoder decoder =
            new WanDecoder(Weights.dry(VaeFamily.of(config).tensors(config, Half.DECODER)), config);
    private final LatentShape shape = new LatentShape(1, config.zDim(), 5, 24, 36);

    /** All divisions in a few numbers of pieces. */
    private final class Divisions implements PieceSearch.Divisions<PiecewiseDecoding> {
        int toTheirEnds, endedEarly;

        @Override
        public List<Grid> grids(int count) {
            List<Grid> grids = new ArrayList<>();
            for (int known : COUNTS)
                for (int rows = 1; known == count && rows <= count; rows++)
                    for (int cut = 1; count % rows == 0 && cut < decoder.stages(); cut++)
                        grids.add(new Grid(cut, rows, count / rows));
            return grids;
        }

        @Override
        public Optional<PiecewiseDecoding> plan(Grid grid, long most) {
            Section before = Section.whole(decoder, shape, 0, grid.cut(), 1);
            Optional<PiecewiseDecoding> plan =
                    PiecewiseDecoding.plan(decoder, shape, grid.rows(), grid.columns(), 2, before, DIRECTORY, most);
            if (plan.isPresent()) toTheirEnds++;
            else endedEarly++;
            return plan;
        }
    }

    /** What a division is and takes. */
    private static String described(PiecewiseDecoding pieces) {
        return pieces.before().to() + ": " + pieces.rows() + "x" + pieces.columns() + ", " + pieces.bytes(THREADS);
    }

    @Test
    void findsWhatDryRunsToTheirEndsFind() {
        Divisions ends = new Divisions();
        List<List<PiecewiseDecoding>> all = new ArrayList<>();
        for (int count : COUNTS)
            all.add(ends.grids(count).stream()
                    .map(grid -> ends.plan(grid, Long.MAX_VALUE).orElseThrow())
                    .toList());
        List<PiecewiseDecoding> flat = all.stream().flatMap(List::stream).toList();
        PiecewiseDecoding least = flat.getFirst();
        for (PiecewiseDecoding pieces : flat) if (pieces.bytes(THREADS) < least.bytes(THREADS)) least = pieces;
        Divisions some = new Divisions();
        PieceSearch<PiecewiseDecoding> search = new PieceSearch<>(some);
        for (int i = 0; i < flat.size(); i++) {
            long available = flat.get(i).bytes(THREADS) - i % 2;
            Optional<PiecewiseDecoding> expected = all.stream()
                    .flatMap(pieces -> cheapest(pieces, available).stream())
                    .findFirst();
            for (PieceSearch<PiecewiseDecoding> each : List.of(search, new PieceSearch<>(new Divisions())))
                assertEquals(
                        expected.map(PieceSearchTest::described),
                        each.fitting(THREADS, available).map(PieceSearchTest::described),
                        available + " bytes");
        }
        assertEquals(
                described(least),
                described(new PieceSearch<>(some)
                        .smallest(THREADS, Long.MAX_VALUE)
                        .orElseThrow()));
        assertEquals(Optional.empty(), search.smallest(THREADS, least.bytes(THREADS)));
        assertTrue(some.toTheirEnds > 0 && some.endedEarly > 0, some.toTheirEnds + ", " + some.endedEarly);
    }

    private static Optional<PiecewiseDecoding> cheapest(List<PiecewiseDecoding> pieces, long available) {
        PiecewiseDecoding best = null;
        for (PiecewiseDecoding one : pieces)
            if (one.bytes(THREADS) <= available && (best == null || cost(one) < cost(best))) best = one;
        return Optional.ofNullable(best);
    }

    /** Bytes on disk count as five hundred operations each. */
    private static double cost(PiecewiseDecoding pieces) {
        return pieces.work() + 500.0 * pieces.disk();
    }
}
