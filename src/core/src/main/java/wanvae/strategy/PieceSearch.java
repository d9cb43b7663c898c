package wanvae.strategy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for the division into pieces that fits a bound on memory. A dry run of many pieces takes long, so it ends as
 * soon as it shows that a division does not fit, and none is made twice. Not safe for use by several threads at once.
 *
 * @param <P> decodes or encodes in pieces
 */
final class PieceSearch<P extends Piecewise> {
    /** Numbers of pieces that are tried. */
    private static final int[] COUNTS = {2, 3, 4, 5, 6, 8, 9, 12, 16, 20, 24, 32};

    /** Writing a byte to disk and reading it again takes about as long as this many operations. */
    private static final double DISK = 500;

    /**
     * A division.
     *
     * @param cut     boundary between the stages that make whole pictures and those that make pieces
     * @param rows    pieces from top to bottom
     * @param columns pieces from left to right
     */
    record Grid(int cut, int rows, int columns) {}

    /** The divisions of one video. */
    interface Divisions<P> {
        /** The possible divisions into this many pieces. */
        List<Grid> grids(int count);

        /**
         * Makes a dry run.
         *
         * @param most bytes of activations and feature caches
         * @return nothing if it takes more
         */
        Optional<P> plan(Grid grid, long most);
    }

    private final Divisions<P> divisions;
    private final Map<Grid, P> planned = new HashMap<>();
    /** For each division a number of bytes that it is known to exceed. */
    private final Map<Grid, Long> exceeded = new HashMap<>();

    PieceSearch(Divisions<P> divisions) {
        this.divisions = divisions;
    }

    private Optional<P> plan(Grid grid, long most) {
        P known = planned.get(grid);
        if (known != null) return Optional.of(known);
        if (exceeded.containsKey(grid) && most <= exceeded.get(grid)) return Optional.empty();
        Optional<P> plan = divisions.plan(grid, most);
        plan.ifPresentOrElse(pieces -> planned.put(grid, pieces), () -> exceeded.put(grid, most));
        return plan;
    }

    /** Of the divisions into as few pieces as will do, the one that takes the least time. */
    Optional<P> fitting(int threads, long available) {
        for (int count : COUNTS) {
            P best = null;
            for (Grid grid : divisions.grids(count)) {
                P pieces = plan(grid, available).orElse(null);
                if (pieces == null || pieces.bytes(threads) > available) continue;
                if (best == null || cost(pieces) < cost(best)) best = pieces;
            }
            if (best != null) return Optional.of(best);
        }
        return Optional.empty();
    }

    private static double cost(Piecewise pieces) {
        return pieces.work() + DISK * pieces.disk();
    }

    /**
     * The division that takes the least memory, if that is less than {@code than} bytes; of several the one in the
     * fewest pieces. Divisions into many pieces are tried first, because most of the others are then soon found to take
     * more.
     */
    Optional<P> smallest(int threads, long than) {
        List<Grid> grids = new ArrayList<>();
        for (int count : COUNTS) grids.addAll(divisions.grids(count));
        P smallest = null;
        long most = than - 1;
        for (Grid grid : grids.reversed()) {
            P pieces = plan(grid, most).orElse(null);
            if (pieces == null || pieces.bytes(threads) > most) continue;
            smallest = pieces;
            most = pieces.bytes(threads);
        }
        return Optional.ofNullable(smallest);
    }
}
