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

    /**
     * Bits 0 to 3: 8x8 quarters with levels, in any of {@link #planes}; bits 4 and 5: 4:2:0 chroma has DC levels alone (1)
     * or AC too (2).
     */
    int cbp;
    /** Of the planes that are coded as luma is: luma, and in 4:4:4 Cb and Cr. */
    final CodedPlane[] planes;
    /** Of Cb and Cr in 4:2:0; null in 4:4:4. */
    final CodedChroma chroma;

    /** Distortion plus lambda times rate. */
    double cost;
    /** What an error of luma weighs: {@link LumaDistortion#weight}. */
    double lumaWeight;

    Macroblock(ChromaFormat format) {
        planes = new CodedPlane[format.likeLuma];
        for (int plane = 0; plane < planes.length; plane++) planes[plane] = new CodedPlane();
        chroma = format == ChromaFormat.YUV420 ? new CodedChroma() : null;
    }

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
            for (int plane = 0; plane < planes.length; plane++)
                System.arraycopy(other.planes[plane].pred, 0, planes[plane].pred, 0, 256);
            if (chroma != null)
                for (int plane = 0; plane < 2; plane++)
                    System.arraycopy(other.chroma.pred[plane], 0, chroma.pred[plane], 0, 64);
        }
    }

    /** Takes over all that is coded of 4:2:0 chroma, and its reconstruction; nothing in 4:4:4. */
    void copyChroma(Macroblock other) {
        cbp = cbp & 15 | other.cbp & ~15;
        if (chroma != null) chroma.copy(other.chroma);
    }
}
