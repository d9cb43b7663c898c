package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import wanvae.kernel.Window;
import wanvae.kernel.Workspace;
import wanvae.latent.LatentShape;
import wanvae.model.BandPlan;
import wanvae.model.FramePool;
import wanvae.model.FrameSizes;
import wanvae.model.LiveContext;
import wanvae.model.StageSink;
import wanvae.model.StageSource;
import wanvae.model.StreamingNetwork;
import wanvae.runtime.Team;

/**
 * Consecutive stages of a network, and the windows of their output that they make one after another: one window, the
 * whole picture, or several pieces of it. All frames of the clip go through the stages for each window.
 *
 * @param from    boundary where frames enter
 * @param to      boundary where frames leave
 * @param windows plan of each window
 * @param needs   what one window at a time needs
 */
record Section(
        StreamingNetwork network, LatentShape shape, int from, int to, List<BandPlan> windows, MemoryNeeds needs) {
    /** Pieces begin at multiples of this many rows and columns. */
    private static final int EDGE = 8;

    /** Ends a dry run that takes more memory than it may. */
    private static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exceeded() {
            super(null, null, false, false);
        }
    }

    /** A section that makes whole pictures. */
    static Section whole(StreamingNetwork network, LatentShape shape, int from, int to, int bands) {
        Window picture = network.shape(shape, to).picture();
        List<BandPlan> windows = List.of(network.plan(shape, from, to, picture, bands, new FrameSizes()));
        return dryRun(network, shape, from, to, windows, Long.MAX_VALUE).orElseThrow();
    }

    /**
     * A section that makes pieces of the picture, row by row.
     *
     * @param rows    pieces from top to bottom
     * @param columns pieces from left to right
     * @param bands   bands of rows in which a piece goes through the largest stages, at most
     * @param most    bytes of activations and feature caches; the dry run ends where it takes more
     * @return the section, or nothing if it takes more
     */
    static Optional<Section> pieces(
            StreamingNetwork network,
            LatentShape shape,
            int from,
            int to,
            int rows,
            int columns,
            int bands,
            long most) {
        Window picture = network.shape(shape, to).picture();
        int height = picture.height(), width = picture.width();
        FrameSizes sizes = new FrameSizes();
        List<BandPlan> pieces = new ArrayList<>();
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) {
                int top = edge(height, row, rows), bottom = edge(height, row + 1, rows);
                int left = edge(width, column, columns), right = edge(width, column + 1, columns);
                Window piece = new Window(top, left, bottom - top, right - left, height, width);
                pieces.add(network.plan(shape, from, to, piece, bands, sizes));
            }
        return dryRun(network, shape, from, to, pieces, most);
    }

    private static int edge(int size, int i, int count) {
        return i == count ? size : (int) ((long) size * i / count) / EDGE * EDGE;
    }

    private static Optional<Section> dryRun(
            StreamingNetwork network, LatentShape shape, int from, int to, List<BandPlan> windows, long most) {
        try {
            MemoryNeeds needs = MemoryNeeds.ofStream(shape, network.group(), (context, clip) -> {
                for (BandPlan window : windows) {
                    network.run(context, clip, from, to, window, null, null);
                    FramePool pool = context.pool();
                    if (pool.regionBytes() + pool.slotBytes() > most) throw new Exceeded();
                }
            });
            return Optional.of(new Section(network, shape, from, to, windows, needs));
        } catch (Exceeded e) {
            return Optional.empty();
        }
    }

    /** The same for a clip of another length. */
    Section of(LatentShape clip) {
        return new Section(network, clip, from, to, windows, needs);
    }

    /** The same with other needs. */
    Section with(MemoryNeeds needs) {
        return new Section(network, shape, from, to, windows, needs);
    }

    /**
     * Takes all frames of one clip through the stages.
     *
     * @param pool      {@link MemoryNeeds#pool} of these needs, empty
     * @param workspace {@link MemoryNeeds#workspace} of these needs
     * @param source    supplies the frames that enter, anew for each window
     * @param sinks     gives the sink for a window
     */
    void run(
            Team team,
            Workspace workspace,
            FramePool pool,
            Progress progress,
            StageSource source,
            Function<BandPlan, StageSink> sinks)
            throws IOException {
        for (BandPlan window : windows)
            network.run(
                    new LiveContext(team, workspace, pool, progress),
                    shape,
                    from,
                    to,
                    window,
                    source,
                    sinks.apply(window));
    }

    /** As the other {@link #run}, in memory that is taken for this clip and freed afterwards. */
    void run(
            Team team,
            Supplier<Arena> arenas,
            Progress progress,
            StageSource source,
            Function<BandPlan, StageSink> sinks)
            throws IOException {
        try (Arena arena = arenas.get()) {
            run(team, needs.workspace(arena, team), needs.pool(arena), progress, source, sinks);
        }
    }
}
