package wanvae.kernel;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import wanvae.runtime.Caches;

/**
 * The block of tiles that a worker takes through Winograd's algorithm at once.
 *
 * @param across tiles in a row of the block
 * @param down   rows of tiles
 */
record TileBlock(int across, int down) {
    /**
     * Tiles of a block of a large frame. Weights often come from memory, so a block has enough tiles to use each weight
     * often. It is small enough that V of one frequency, 885 KB for 384 channels, fits into a second-level cache of 1
     * MB. On a Zen 5 whole decodes take 1.08 times as long with 64 tiles, 1.05 with 80, 1.02 with 120 and 1.04 with
     * 144.
     */
    private static final int TILES = 96;
    /**
     * The fewest tiles of such a block where the cache is too small for V: with fewer, weights would be read too often.
     */
    private static final int FEWEST = 48;
    /** Planes of V of one frequency down the columns. */
    private static final int PLANES = 6;
    /**
     * The most tiles in a row of a block. In long rows the hardware reads ahead (with 96 channels 1.05 times as fast as
     * with 16), and a block of many short rows has large borders.
     */
    private static final int ACROSS = 32;
    /**
     * Time that a block takes to read and transform its weights, in units of the time of one tile. It is estimated from
     * the time of decodes with blocks of 64 tiles.
     */
    private static final int FIXED = 16;
    /**
     * The part of the time that another cut must save to be preferred to the usual one, which was measured on one
     * thread and on two.
     */
    private static final double WORTHWHILE = 0.1;
    /** The most rows of a block; otherwise narrow blocks would take much more scratch than others. */
    private static final int DOWN = 9;

    /**
     * The block size for a window.
     *
     * @param height   of a tile, pixels
     * @param width    of a tile, pixels
     * @param channels padded input channels
     * @param piece    blocks begin at multiples of this number of tiles of a row
     * @param threads  number of threads that share the blocks
     */
    static TileBlock of(Window window, int height, int width, int channels, int piece, int threads) {
        int usual = usual(channels),
                columns = Math.ceilDiv(window.width(), width),
                rows = Math.ceilDiv(window.height(), height),
                share = Math.ceilDiv(columns * rows, threads);
        // A small frame becomes one block for each thread, of up to one and a half times the usual size, because every
        // block reads all weights. But a block never has fewer tiles than a register tile has rows.
        int tiles = share <= usual * 3 / 2 ? Math.max(Gemm.ROWS, share) : usual;
        int across = Math.min(columns, Math.ceilDiv(even(columns, Math.min(ACROSS, tiles)), piece) * piece);
        TileBlock block =
                new TileBlock(across, even(rows, Math.min(Math.ceilDiv(tiles, across), tallest(rows, across, usual))));
        return threads == 1 ? block : block.orBetter(columns, rows, piece, usual, threads);
    }

    /** This block, or another one with which the last thread ends clearly earlier. */
    private TileBlock orBetter(int columns, int rows, int piece, int usual, int threads) {
        TileBlock best = this;
        double least = (1 - WORTHWHILE) * time(columns, rows, threads);
        for (int x = 1; x <= Math.min(columns, ACROSS); x++) {
            if (x < columns && (piece > 1 ? x % piece != 0 : even(columns, x) != x)) continue;
            for (int y = 1; y <= tallest(rows, x, usual); y++) {
                int tiles = x * y;
                if (even(rows, y) != y || tiles < Math.min(Gemm.ROWS, columns * rows) || tiles > usual * 3 / 2)
                    continue;
                TileBlock other = new TileBlock(x, y);
                double time = other.time(columns, rows, threads);
                if (time < least) {
                    best = other;
                    least = time;
                }
            }
        }
        return best;
    }

    /** The time until the last thread has done its blocks of a window, in units of the time of one tile's products. */
    private double time(int columns, int rows, int threads) {
        int inRow = Math.ceilDiv(columns, across), blocks = inRow * Math.ceilDiv(rows, down);
        int tall = inRow * (rows - Math.ceilDiv(rows, down) * (down - 1));
        int rounds = Math.ceilDiv(blocks, threads), tallRounds = Math.ceilDiv(tall, threads);
        return tallRounds * time(down) + (rounds - tallRounds) * time(down - 1);
    }

    /** The time of a block of this many rows. Its border is computed too. */
    private double time(int down) {
        return Math.ceilDiv(across * down, Gemm.ROWS) * Gemm.ROWS + FIXED + (across + down) / 8.0;
    }

    /** Tiles of a block of a large frame, on this machine. */
    private static int usual(int channels) {
        long level2 = Caches.here().level2Share(), measured = Caches.DEFAULT.level2Share();
        if (4L * TILES * channels * PLANES <= level2) return TILES;
        return Math.clamp(TILES * Math.min(level2, measured) / measured, FEWEST, TILES) / Gemm.ROWS * Gemm.ROWS;
    }

    /**
     * For each width that the blocks of this window or of a smaller one can have, a block that is at least as large as
     * any of them, whatever the number of threads.
     */
    static Stream<TileBlock> largest(Window window, int height, int width, int channels) {
        int usual = usual(channels),
                columns = Math.ceilDiv(window.width(), width),
                rows = Math.ceilDiv(window.height(), height);
        return IntStream.rangeClosed(1, Math.min(columns, ACROSS))
                .mapToObj(across -> new TileBlock(across, tallest(rows, across, usual)));
    }

    private static int tallest(int rows, int across, int usual) {
        return Math.min(rows, Math.min(DOWN, Math.ceilDiv(usual * 3 / 2, across)));
    }

    /** The larger part when n is split evenly into the fewest parts of at most {@code most}. */
    private static int even(int n, int most) {
        return Math.ceilDiv(n, Math.ceilDiv(n, most));
    }

    /**
     * The number of blocks of a window.
     *
     * @param height of a tile, pixels
     * @param width  of a tile, pixels
     */
    int count(Window window, int height, int width) {
        return Math.ceilDiv(rows(window, height), down) * Math.ceilDiv(window.width(), across * width);
    }

    /** The pixels of one block of a window. */
    Window pixels(Window window, int height, int width, int block) {
        int columns = Math.ceilDiv(window.width(), across * width), row = block / columns;
        // Blocks that are a row of tiles shorter come last, so that no thread waits long for another.
        int rows = rows(window, height), high = rows - Math.ceilDiv(rows, down) * (down - 1);
        int y = (row * down - Math.max(0, row - high)) * height, x = block % columns * across * width;
        return new Window(
                window.y() + y,
                window.x() + x,
                Math.min((row < high ? down : down - 1) * height, window.height() - y),
                Math.min(across * width, window.width() - x),
                window.pictureHeight(),
                window.pictureWidth());
    }

    /** Rows of tiles. */
    private static int rows(Window window, int height) {
        return Math.ceilDiv(window.height(), height);
    }

    int tiles() {
        return across * down;
    }
}
