package wanvae.kernel;

/**
 * The rows of pixels that a block of tiles reads, wherever they lie, and how far they reach beyond the picture.
 *
 * @param rows   address of each row's first pixel inside the picture
 * @param left   pixels that the block reads left of the picture
 * @param inside pixels of a row that lie inside the picture
 * @param right  pixels that the block reads right of the picture
 * @param border what lies left and right
 */
record PixelRows(long[] rows, int left, int inside, int right, Border border) {
    /** Rows {@code row} bytes apart, with their border in place. */
    static PixelRows of(long address, long row, int rows, int pixels) {
        long[] all = new long[rows];
        for (int r = 0; r < rows; r++) all[r] = address + r * row;
        return new PixelRows(all, 0, pixels, 0, Border.ZEROS);
    }

    /**
     * Rows as they lie in a frame: nothing is copied.
     *
     * @param y    first row, may lie outside the picture, as may the first column and the last ones
     * @param zero room for a row of zeros
     */
    static PixelRows of(Frames in, int t, int y, int x, int rows, int columns, Border border, long zero) {
        int height = in.window().pictureHeight(), width = in.window().pictureWidth();
        int from = Math.max(0, x), to = Math.min(width, x + columns);
        long[] all = new long[rows];
        for (int r = 0; r < rows; r++) {
            int inside = Math.clamp(y + r, 0, height - 1);
            all[r] = border == Border.ZEROS && inside != y + r ? zero : in.address(t) + in.offset(inside, from);
        }
        if (border == Border.ZEROS && (y < 0 || y + rows > height)) Border.zero(zero, (to - from) * 4L * in.stride());
        return new PixelRows(all, from - x, to - from, x + columns - to, border);
    }
}
