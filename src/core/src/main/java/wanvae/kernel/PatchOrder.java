package wanvae.kernel;

/** The order of the channels that the p by p pixels of a patch become: colour first, then columns or rows. */
public enum PatchOrder {
    /** Wan 2.2 (diffusers' patchify): {@code (colour · p + column) · p + row}. */
    COLUMNS_FIRST,
    /** PyTorch's {@code pixel_unshuffle}: {@code (colour · p + row) · p + column}. */
    ROWS_FIRST;

    int channel(int colour, int row, int column, int patch) {
        return this == ROWS_FIRST ? (colour * patch + row) * patch + column : (colour * patch + column) * patch + row;
    }
}
