package wanvae.video.h264;

import java.util.Arrays;
import org.jcodec.codecs.h264.H264Const;

/** Residual blocks in CABAC (7.3.5.3.3, 9.3.2.3, 9.3.3.1.3). */
final class ResidualWriter {
    /** Categories of blocks (table 9-42), by plane: of luma, and in 4:4:4 of Cb and Cr. */
    static final int[] DC = {0, 6, 10}, AC = {1, 7, 11}, BLOCK_4X4 = {2, 8, 12}, BLOCK_8X8 = {5, 9, 13};
    /** Categories of 4:2:0 chroma. */
    static final int CHROMA_DC = 3, CHROMA_AC = 4;

    /** First contexts by category, of frame macroblocks (table 9-34). */
    static final int[] CODED = {85, 89, 93, 97, 101, 1012, 460, 464, 468, 1016, 472, 476, 480, 1020};

    private static final int[] SIGNIFICANT = {105, 120, 134, 149, 152, 402, 484, 499, 513, 660, 528, 543, 557, 718};
    private static final int[] LAST = {166, 181, 195, 210, 213, 417, 572, 587, 601, 690, 616, 631, 645, 748};
    static final int[] LEVEL = {227, 237, 247, 257, 266, 426, 952, 962, 972, 708, 982, 992, 1002, 766};

    /** {@code [category][scan index]}: contexts of significant_coeff_flag and last_significant_coeff_flag. */
    static final int[][] SIGNIFICANT_CONTEXT = new int[LEVEL.length][63], LAST_CONTEXT = new int[LEVEL.length][63];

    static {
        for (int category = 0; category < LEVEL.length; category++) {
            int c = category;
            boolean map = Arrays.stream(BLOCK_8X8).anyMatch(block -> block == c);
            for (int i = 0; i < 63; i++) {
                SIGNIFICANT_CONTEXT[category][i] = SIGNIFICANT[category] + (map ? H264Const.sig_coeff_map_8x8[i] : i);
                LAST_CONTEXT[category][i] = LAST[category] + (map ? H264Const.last_sig_coeff_map_8x8[i] : i);
            }
        }
    }

    private ResidualWriter() {}

    /**
     * Writes a block that has non-zero levels, without its coded_block_flag.
     *
     * @param first index in {@code levels} of the first one the category has
     * @param n     how many it has
     */
    static void write(Bins bins, int category, int[] levels, int first, int n) {
        int[] significantContext = SIGNIFICANT_CONTEXT[category], lastContext = LAST_CONTEXT[category];
        int[] list = bins.list;
        int[] nonZero = bins.nonZero;
        int last = n - 1, count = bins.count, coded = 0;
        while (levels[first + last] == 0) last--;
        // Without branches, which nobody could predict.
        for (int i = 0; i < last; i++) {
            int level = levels[first + i], significant = (level | -level) >>> 31;
            list[count] = 2 * significantContext[i] + significant;
            list[count + 1] = 2 * lastContext[i];
            count += 1 + significant;
            nonZero[coded] = level;
            coded += significant;
        }
        nonZero[coded] = levels[first + last];
        if (last < n - 1) {
            list[count++] = 2 * significantContext[last] + 1;
            list[count++] = 2 * lastContext[last] + 1;
        }
        int ones = 0, greater = 0, base = LEVEL[category], mostGreater = category == CHROMA_DC ? 3 : 4;
        for (int i = coded; i >= 0; i--) {
            int level = nonZero[i], rest = Math.abs(level) - 1;
            list[count++] = 2 * (base + (greater > 0 ? 0 : Math.min(4, 1 + ones))) + (rest > 0 ? 1 : 0);
            if (rest > 0) {
                int more = 2 * (base + 5 + Math.min(mostGreater, greater++));
                for (int j = Math.min(rest, 14); j > 1; j--) list[count++] = more + 1;
                if (rest < 14) list[count++] = more;
                else {
                    bins.count = count;
                    expGolomb(bins, rest - 14, 0);
                    count = bins.count;
                }
            } else ones++;
            list[count++] = 2 * Bins.BYPASS + (level >>> 31);
        }
        bins.count = count;
    }

    /** The suffix of a UEGk binarisation, in bypass bins (9.3.2.3). */
    static void expGolomb(Bins bins, int value, int k) {
        while (value >= 1 << k) {
            bins.bypass(1);
            value -= 1 << k++;
        }
        bins.bypass(0);
        while (k-- > 0) bins.bypass(value >> k & 1);
    }
}
