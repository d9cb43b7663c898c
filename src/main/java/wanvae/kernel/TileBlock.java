package wanvae.kernel;

/**
 * The tiles that a worker takes through Winograd's algorithm at once.
 *
 * @param across tiles in a row of the block
 * @param down   rows of tiles
 */
record TileBlock(int across, int down) {
    /**
     * Cuts a window.
     *
     * @param height of a tile, pixels, as width
     * @param wanted tiles that a block of a large frame should have, a multiple of {@link Gemm#ROWS}
     */
    static TileBlock of(Window window, int height, int width, int wanted, int threads) {
        TileBlock most = largest(window, height, width, wanted);
        int rows = Math.ceilDiv(window.height(), height), share = Math.ceilDiv(Math.ceilDiv(window.width(), width) * rows, threads);
        // A small frame is one block a thread, up to half as large again as it should be, because every block streams all weights; but no less
        // than a register tile of rows.
        int down = Math.clamp(Math.ceilDiv(share <= wanted * 3 / 2 ? Math.max(Gemm.ROWS, share) : wanted, most.across), 1, most.down);
        return new TileBlock(most.across, Math.ceilDiv(rows, Math.ceilDiv(rows, down)));
    }

    /** At least as large each way as the blocks of this window or of a smaller one, whatever the number of threads. */
    static TileBlock largest(Window window, int height, int width, int wanted) {
        // Whole pieces of rows, so that moments (GroupMoments) do not depend on blocks.
        int across = wanted <= 24 ? 8 : 16;
        return new TileBlock(Math.min(Math.ceilDiv(window.width(), width), across), Math.min(Math.ceilDiv(window.height(), height), wanted * 3 / 2 / across));
    }

    int tiles() {
        return across * down;
    }
}
