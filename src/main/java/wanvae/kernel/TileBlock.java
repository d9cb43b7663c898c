package wanvae.kernel;

/**
 * The tiles that a worker takes through Winograd's algorithm at once.
 *
 * @param across tiles in a row of the block
 * @param down   rows of tiles
 */
record TileBlock(int across, int down) {
    /** Of a block of a large frame: so many that weights, which often stream from memory, serve enough of them, and V and M stay in the second-level cache. */
    private static final int TILES = 96;
    /** Whole pieces of rows, so that moments ({@link GroupMoments}) do not depend on blocks. */
    private static final int ACROSS = 16;

    /**
     * Cuts a window.
     *
     * @param height of a tile, pixels, as width
     */
    static TileBlock of(Window window, int height, int width, int threads) {
        TileBlock most = largest(window, height, width);
        int rows = Math.ceilDiv(window.height(), height), share = Math.ceilDiv(Math.ceilDiv(window.width(), width) * rows, threads);
        // A small frame is one block a thread, up to half as large again as it should be, because every block streams all weights; but no less
        // than a register tile of rows.
        int down = Math.clamp(Math.ceilDiv(share <= TILES * 3 / 2 ? Math.max(Gemm.ROWS, share) : TILES, most.across), 1, most.down);
        return new TileBlock(most.across, Math.ceilDiv(rows, Math.ceilDiv(rows, down)));
    }

    /** At least as large each way as the blocks of this window or of a smaller one, whatever the number of threads. */
    static TileBlock largest(Window window, int height, int width) {
        return new TileBlock(Math.min(Math.ceilDiv(window.width(), width), ACROSS), Math.min(Math.ceilDiv(window.height(), height), TILES * 3 / 2 / ACROSS));
    }

    int tiles() {
        return across * down;
    }
}
