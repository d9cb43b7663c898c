package wanvae.video.h264;

import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Quantisation with a dead zone, and the scaling decoders do (8.5.9 to 8.5.13, flat scaling lists). Coefficient blocks
 * of DC coefficients are in raster order, levels in scan order. Every quantising method returns the number of non-zero levels.
 */
final class Quantizer {
    /** QPc for each luma QP (table 8-15). */
    private static final int[] CHROMA_QP = {
        29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39
    };

    private static final int[][] SCALE_4X4 = {
        {10, 16, 13}, {11, 18, 14}, {13, 20, 16}, {14, 23, 18}, {16, 25, 20}, {18, 29, 23}
    };
    private static final int[][] QUANT_4X4 = {
        {13107, 5243, 8066},
        {11916, 4660, 7490},
        {10082, 4194, 6554},
        {9362, 3647, 5825},
        {8192, 3355, 5243},
        {7282, 2893, 4559}
    };
    private static final int[][] SCALE_8X8 = {
        {20, 18, 32, 19, 25, 24},
        {22, 19, 35, 21, 28, 26},
        {26, 23, 42, 24, 33, 31},
        {28, 25, 45, 26, 35, 33},
        {32, 28, 51, 30, 40, 38},
        {36, 32, 58, 34, 46, 43}
    };
    private static final int[][] QUANT_8X8 = {
        {13107, 11428, 20972, 12222, 16777, 15481},
        {11916, 10826, 19174, 11058, 14980, 14290},
        {10082, 8943, 15978, 9675, 12710, 11985},
        {9362, 8228, 14913, 8931, 11984, 11259},
        {8192, 7346, 13159, 7740, 10486, 9777},
        {7282, 6428, 11570, 6830, 9118, 8640}
    };

    /** {@code [qp % 6][position]}, positions as {@link Transform4x4} and {@link Transform8x8} have them. */
    static final int[][] SCALE4 = new int[6][Transform4x4.PAIR],
            QUANT4 = new int[6][Transform4x4.PAIR],
            SCALE8 = new int[6][64],
            QUANT8 = new int[6][64];

    static {
        for (int m = 0; m < 6; m++) {
            for (int i = 0; i < Transform4x4.PAIR; i++) {
                int x = i >> 3 & 1, y = i & 1, kind = x + y == 0 ? 0 : x + y == 2 ? 1 : 2;
                SCALE4[m][i] = SCALE_4X4[m][kind];
                QUANT4[m][i] = QUANT_4X4[m][kind];
            }
            for (int i = 0; i < 64; i++) {
                int kind = kind8x8(i & 3, i >> 3 & 3);
                SCALE8[m][i] = SCALE_8X8[m][kind];
                QUANT8[m][i] = QUANT_8X8[m][kind];
            }
        }
    }

    private Quantizer() {}

    private static int kind8x8(int x, int y) {
        boolean oddX = (x & 1) == 1, oddY = (y & 1) == 1;
        if (oddX && oddY) return 1;
        if (oddX || oddY) return x == 0 || y == 0 ? 3 : 5;
        return x == 0 && y == 0 ? 0 : x == 2 && y == 2 ? 2 : 4;
    }

    static int chromaQp(int qp) {
        return qp < 30 ? qp : CHROMA_QP[qp - 30];
    }

    /**
     * Which coefficients of two blocks have levels other than 0: bit {@code i} is of coefficient {@code i} in {@link
     * Transform4x4}.
     */
    static int significant4x4(short[] pair, int at, int qp, DeadZone deadZone) {
        short[] least = deadZone.least4x4[qp];
        int map = 0;
        for (int i = 0; i < Transform4x4.PAIR; i += SampleVectors.SHORTS.length())
            map |= (int) ShortVector.fromArray(SampleVectors.SHORTS, pair, at + i)
                            .abs()
                            .compare(VectorOperators.GE, ShortVector.fromArray(SampleVectors.SHORTS, least, i))
                            .toLong()
                    << i;
        return map;
    }

    /**
     * Quantises one of two 4x4 blocks. Where there are no levels other than 0, {@code levels} is left as it is.
     *
     * @param at          of its first coefficient
     * @param significant of {@link #significant4x4}, from the block's first coefficient on; those before scan position
     *                    {@code first} are left out
     */
    static int quantize4x4(short[] pair, int at, int significant, int[] levels, int first, int qp, DeadZone deadZone) {
        int map = significant & Scan.OF_BLOCK & -1 << first;
        if (map == 0) return 0;
        int[] quant = QUANT4[qp % 6];
        int shift = 15 + qp / 6, round = deadZone.round(shift), nonZero = Integer.bitCount(map);
        Arrays.fill(levels, 0);
        for (; map != 0; map &= map - 1) {
            int position = Integer.numberOfTrailingZeros(map), c = pair[at + position];
            int level = Math.abs(c) * quant[position] + round >> shift;
            levels[Scan.OF_COLUMNS_4X4[position]] = c < 0 ? -level : level;
        }
        return nonZero;
    }

    /** Puts the scaled coefficients of {@code nonZero} levels from {@code first} on into one of two blocks. */
    static void scale4x4(int[] levels, int nonZero, short[] pair, int at, int first, int qp) {
        int[] scale = SCALE4[qp % 6];
        for (int k = first; nonZero > 0; k++) {
            if (levels[k] == 0) continue;
            int position = Scan.COLUMNS_4X4[k];
            pair[at + position] = (short) (levels[k] * scale[position] << qp / 6);
            nonZero--;
        }
    }

    /** As {@link #quantize4x4}, of coefficients as {@link Transform8x8} has them. */
    static int quantize8x8(short[] block, int[] levels, int qp, DeadZone deadZone) {
        long map = significant8x8(block, qp, deadZone);
        if (map == 0) return 0;
        int[] quant = QUANT8[qp % 6];
        int shift = 16 + qp / 6, round = deadZone.round(shift), nonZero = Long.bitCount(map);
        Arrays.fill(levels, 0);
        for (; map != 0; map &= map - 1) {
            int position = Long.numberOfTrailingZeros(map), c = block[position];
            int level = Math.abs(c) * quant[position] + round >> shift;
            levels[Scan.OF_COLUMNS_8X8[position]] = c < 0 ? -level : level;
        }
        return nonZero;
    }

    /** As {@link #significant4x4}, of a block as {@link Transform8x8} has it. */
    static long significant8x8(short[] block, int qp, DeadZone deadZone) {
        short[] least = deadZone.least8x8[qp];
        long map = 0;
        for (int i = 0; i < block.length; i += SampleVectors.SHORTS.length())
            map |= ShortVector.fromArray(SampleVectors.SHORTS, block, i)
                            .abs()
                            .compare(VectorOperators.GE, ShortVector.fromArray(SampleVectors.SHORTS, least, i))
                            .toLong()
                    << i;
        return map;
    }

    /** Puts the scaled coefficients of {@code nonZero} levels into the block. */
    static void scale8x8(int[] levels, int nonZero, short[] block, int qp) {
        Arrays.fill(block, (short) 0);
        int[] scale = SCALE8[qp % 6];
        int shift = 6 - qp / 6;
        for (int k = 0; nonZero > 0; k++) {
            if (levels[k] == 0) continue;
            int position = Scan.COLUMNS_8X8[k], c = levels[k] * scale[position] << 4;
            block[position] = (short) (shift <= 0 ? c << -shift : c + (1 << shift - 1) >> shift);
            nonZero--;
        }
    }

    /**
     * Quantises the luma DC coefficients of an Intra 16x16 macroblock, {@code dc} in raster order, already transformed
     * and halved.
     */
    static int quantizeLumaDc(int[] dc, int[] levels, int qp, DeadZone deadZone) {
        int shift = 16 + qp / 6, nonZero = 0;
        for (int k = 0; k < 16; k++) {
            int c = dc[Scan.ZIGZAG_4X4[k]];
            int level = quantizeDc(c, qp, shift, deadZone);
            levels[k] = c < 0 ? -level : level;
            if (level != 0) nonZero++;
        }
        return nonZero;
    }

    /** Turns levels into the 16 DC coefficients in raster order of 4x4 blocks. */
    static void scaleLumaDc(int[] levels, int[] dc, int qp) {
        for (int k = 0; k < 16; k++) dc[Scan.ZIGZAG_4X4[k]] = levels[k];
        DcTransform.hadamard4x4(dc);
        int scale = SCALE4[qp % 6][0] << 4, shift = 6 - qp / 6;
        for (int i = 0; i < 16; i++)
            dc[i] = shift <= 0 ? dc[i] * scale << -shift : dc[i] * scale + (1 << shift - 1) >> shift;
    }

    /** Quantises the 4 DC coefficients, already transformed, of a chroma plane. */
    static int quantizeChromaDc(int[] dc, int[] levels, int chromaQp, DeadZone deadZone) {
        int shift = 16 + chromaQp / 6, nonZero = 0;
        for (int k = 0; k < 4; k++) {
            int level = quantizeDc(dc[k], chromaQp, shift, deadZone);
            levels[k] = dc[k] < 0 ? -level : level;
            if (level != 0) nonZero++;
        }
        return nonZero;
    }

    static void scaleChromaDc(int[] levels, int[] dc, int chromaQp) {
        System.arraycopy(levels, 0, dc, 0, 4);
        DcTransform.hadamard2x2(dc);
        int scale = SCALE4[chromaQp % 6][0] << 4;
        for (int i = 0; i < 4; i++) dc[i] = (dc[i] * scale << chromaQp / 6) >> 5;
    }

    private static int quantizeDc(int c, int qp, int shift, DeadZone deadZone) {
        return (int) ((long) Math.abs(c) * QUANT4[qp % 6][0] + deadZone.round(shift) >> shift);
    }
}
