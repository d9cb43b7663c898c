package wanvae.video.h264;

import java.util.Arrays;

/** Orders of blocks and coefficients (6.4.3 and 8.5.6). */
final class Scan {
    /** Raster position of the k-th coefficient of a 4x4 block. */
    static final int[] ZIGZAG_4X4 = zigzag(4);
    /** Position of the k-th coefficient of a 4x4 block in columns, which are 8 apart. */
    static final int[] COLUMNS_4X4 =
            Arrays.stream(ZIGZAG_4X4).map(at -> at % 4 * 8 + at / 4).toArray();
    /** The reverse of {@link #COLUMNS_4X4}. */
    static final int[] OF_COLUMNS_4X4 = new int[32];
    /** Bits of the positions in {@link #COLUMNS_4X4}. */
    static final int OF_BLOCK = 0x0F0F0F0F;

    static {
        for (int k = 0; k < 16; k++) OF_COLUMNS_4X4[COLUMNS_4X4[k]] = k;
    }

    /** Position of the k-th coefficient of an 8x8 block in columns. */
    static final int[] COLUMNS_8X8 = columns(zigzag(8));
    /** The reverse of {@link #COLUMNS_8X8}. */
    static final int[] OF_COLUMNS_8X8 = new int[64];

    static {
        for (int k = 0; k < 64; k++) OF_COLUMNS_8X8[COLUMNS_8X8[k]] = k;
    }

    /** Column and row, in 4x4 blocks, of the k-th luma block of a macroblock in coding order. */
    static final int[] BLOCK_X = {0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3};

    static final int[] BLOCK_Y = {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3};

    private Scan() {}

    private static int[] columns(int[] raster) {
        return Arrays.stream(raster).map(at -> at % 8 * 8 + at / 8).toArray();
    }

    private static int[] zigzag(int n) {
        int[] order = new int[n * n];
        int k = 0;
        for (int diagonal = 0; diagonal < 2 * n - 1; diagonal++)
            for (int i = 0; i <= diagonal; i++) {
                int x = diagonal % 2 == 0 ? i : diagonal - i, y = diagonal - x;
                if (x < n && y < n) order[k++] = y * n + x;
            }
        return order;
    }
}
