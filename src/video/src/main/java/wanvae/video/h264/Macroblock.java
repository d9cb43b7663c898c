package wanvae.video.h264;

import java.util.Arrays;

/**
 * Everything that is coded of one macroblock, and what decoders make of it: a candidate in the mode decision, then the
 * chosen one.
 */
final class Macroblock {
    MbType type;
    int x, y;
    /** The quantiser its residual is coded with; if there is none, decoders know only the previous macroblock's. */
    int qp;

    boolean transform8x8;

    /** Prediction modes of the 4x4 blocks in raster order; 8x8 blocks have theirs four times. */
    final int[] intraModes = new int[16];

    int intra16x16Mode;
    int chromaMode;

    /** {@code [list][quarter]}: motion of the 8x8 quarters in quarter samples. */
    final int[][] mx = new int[2][4], my = new int[2][4];
    /** {@code [list][quarter]}: index of the picture that the motion refers to, or -1 where the list is not used. */
    final int[][] ref = new int[2][4];
    /** Which quarters take their motion from the neighbourhood: direct mode. */
    final boolean[] direct = new boolean[4];

    /** Bits 0 to 3: 8x8 luma quarters with levels; bits 4 and 5: chroma has DC levels alone (1) or AC too (2). */
    int cbp;
    /** Levels in scan order: of 4x4 luma blocks in coding order; with Intra 16x16 from the second on. */
    final int[][] luma = new int[16][16];

    final int[][] luma8x8 = new int[4][64];
    final int[] lumaDc = new int[16];
    /** {@code [plane][block]}. */
    final int[][] chromaDc = new int[2][4];
    /** {@code [4 * plane + block]}, from the second level on. */
    final int[][] chromaAc = new int[8][16];
    /** Non-zero levels of the luma blocks in coding order; of an 8x8 block, at all four. */
    final int[] lumaCount = new int[16];

    int lumaDcCount;
    final int[] chromaDcCount = new int[2];
    final int[] chromaAcCount = new int[8];

    /** Predicted samples, and the reconstruction before deblocking. */
    final byte[] predY = new byte[256], predU = new byte[64], predV = new byte[64];

    final byte[] reconY = new byte[256], reconU = new byte[64], reconV = new byte[64];

    /** Sum of squared differences of {@link #reconU} and {@link #reconV} to the source. */
    int chromaDistortion;

    /** Distortion plus lambda times rate. */
    double cost;
    /** What an error of luma weighs: {@link LumaDistortion#weight}. */
    double lumaWeight;

    boolean hasResidual() {
        return type == MbType.INTRA_16X16 || cbp != 0;
    }

    void setMotion(int list, int q, int mvx, int mvy, int reference) {
        mx[list][q] = mvx;
        my[list][q] = mvy;
        ref[list][q] = reference;
    }

    /** Sets the motion of the partition of {@link #type} that starts at quarter {@code q}. */
    void setPartition(int list, int q, int mvx, int mvy, int reference) {
        for (int j = 0; j < type.partitionHeight(); j++)
            for (int i = 0; i < type.partitionWidth(); i++) setMotion(list, q + 2 * j + i, mvx, mvy, reference);
    }

    /** Takes over type and motion of a quarter. */
    void copyQuarter(Macroblock other, int q) {
        for (int list = 0; list < 2; list++)
            setMotion(list, q, other.mx[list][q], other.my[list][q], other.ref[list][q]);
        direct[q] = other.direct[q];
    }

    /** Whether quarters {@code p} and {@code q} have the same motion. */
    boolean movesAlike(int p, int q) {
        for (int list = 0; list < 2; list++)
            if (ref[list][p] != ref[list][q] || mx[list][p] != mx[list][q] || my[list][p] != my[list][q]) return false;
        return true;
    }

    void setDirect(boolean value) {
        Arrays.fill(direct, value);
    }

    /** Takes over type and prediction, of inter macroblocks with the predicted samples, not the residual. */
    void copyPrediction(Macroblock other) {
        type = other.type;
        x = other.x;
        y = other.y;
        qp = other.qp;
        transform8x8 = other.transform8x8;
        intra16x16Mode = other.intra16x16Mode;
        chromaMode = other.chromaMode;
        if (type.isIntra()) System.arraycopy(other.intraModes, 0, intraModes, 0, 16);
        else {
            for (int q = 0; q < 4; q++) copyQuarter(other, q);
            System.arraycopy(other.predY, 0, predY, 0, 256);
            System.arraycopy(other.predU, 0, predU, 0, 64);
            System.arraycopy(other.predV, 0, predV, 0, 64);
        }
    }

    /** Takes over all that is coded of chroma, and its reconstruction. */
    void copyChroma(Macroblock other) {
        cbp = cbp & 15 | other.cbp & ~15;
        for (int plane = 0; plane < 2; plane++) System.arraycopy(other.chromaDc[plane], 0, chromaDc[plane], 0, 4);
        for (int k = 0; k < 8; k++) System.arraycopy(other.chromaAc[k], 0, chromaAc[k], 0, 16);
        System.arraycopy(other.chromaDcCount, 0, chromaDcCount, 0, 2);
        System.arraycopy(other.chromaAcCount, 0, chromaAcCount, 0, 8);
        System.arraycopy(other.reconU, 0, reconU, 0, 64);
        System.arraycopy(other.reconV, 0, reconV, 0, 64);
        chromaDistortion = other.chromaDistortion;
    }
}
