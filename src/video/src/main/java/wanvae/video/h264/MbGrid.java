package wanvae.video.h264;

import java.util.Arrays;

/**
 * What the macroblocks of the picture being coded have told so far: the neighbourhood from which prediction and
 * contexts are derived, and what deblocking needs. Each array has a border of one macroblock on every side that reads
 * as unavailable, so that no neighbour is a special case.
 */
final class MbGrid {
    static final byte UNAVAILABLE = -1;
    /** Reference index of what is not available, and of intra macroblocks. */
    static final byte NO_NEIGHBOUR = -2, INTRA = -1;

    final ChromaFormat format;
    final int width, height;
    /** Distance of rows of macroblocks, of 8x8 quarters (and 4x4 blocks of 4:2:0 chroma), and of 4x4 blocks. */
    final int mbStride, stride8, stride4;

    /**
     * Per macroblock: ordinal of its {@link MbType}, quantiser, coded block pattern, chroma mode, 8x8 transform, coded
     * DC blocks (bits Y, Cb, Cr).
     */
    final byte[] type, qp, cbp, chromaMode, transform8x8, dcCoded;
    /** Per 4x4 luma block. */
    final byte[] intraMode;
    /** {@code [plane][4x4 block]}: how many levels are not 0; of an 8x8 block, at all four. */
    final byte[][] count = new byte[3][];
    /** {@code [list][8x8 quarter]}: reference index, {@link #INTRA} also where inter prediction leaves the list out. */
    final byte[][] ref = new byte[2][];
    /** {@code [list][8x8 quarter]}: motion, 0 where the list is not used. */
    final short[][] mx = new short[2][], my = new short[2][];
    /** {@code [list][8x8 quarter]}: absolute motion vector differences, for the contexts of the next ones. */
    final short[][] dx = new short[2][], dy = new short[2][];
    /** Per 8x8 quarter: 1 if its motion is that of direct mode or of a skipped macroblock. */
    final byte[] direct;

    MbGrid(ChromaFormat format, int width, int height) {
        this.format = format;
        this.width = width;
        this.height = height;
        mbStride = width + 2;
        stride8 = 2 * mbStride;
        stride4 = 4 * mbStride;
        int mbs = mbStride * (height + 2);
        type = new byte[mbs];
        qp = new byte[mbs];
        cbp = new byte[mbs];
        chromaMode = new byte[mbs];
        transform8x8 = new byte[mbs];
        dcCoded = new byte[mbs];
        intraMode = new byte[16 * mbs];
        for (int plane = 0; plane < 3; plane++) count[plane] = new byte[(plane < format.likeLuma ? 16 : 4) * mbs];
        direct = new byte[4 * mbs];
        for (int list = 0; list < 2; list++) {
            ref[list] = new byte[4 * mbs];
            mx[list] = new short[4 * mbs];
            my[list] = new short[4 * mbs];
            dx[list] = new short[4 * mbs];
            dy[list] = new short[4 * mbs];
        }
        clear();
    }

    /** Forgets the picture: nothing is available. */
    void clear() {
        Arrays.fill(type, UNAVAILABLE);
        Arrays.fill(intraMode, UNAVAILABLE);
        for (byte[] plane : count) Arrays.fill(plane, UNAVAILABLE);
        for (byte[] a : new byte[][] {cbp, chromaMode, transform8x8, dcCoded, direct}) Arrays.fill(a, (byte) 0);
        for (int list = 0; list < 2; list++) {
            Arrays.fill(ref[list], NO_NEIGHBOUR);
            for (short[] a : new short[][] {mx[list], my[list], dx[list], dy[list]}) Arrays.fill(a, (short) 0);
        }
    }

    int mb(int x, int y) {
        return (y + 1) * mbStride + x + 1;
    }

    /** Of the top left quarter of a macroblock. */
    int at8(int x, int y) {
        return 2 * (y + 1) * stride8 + 2 * (x + 1);
    }

    /** Of the top left 4x4 luma block of a macroblock. */
    int at4(int x, int y) {
        return 4 * (y + 1) * stride4 + 4 * (x + 1);
    }

    boolean isAvailable(int mb) {
        return type[mb] != UNAVAILABLE;
    }

    boolean isIntra(int mb) {
        return type[mb] >= 0 && type[mb] <= MbType.INTRA_16X16.ordinal();
    }

    /** Puts the prediction of a macroblock in: what later partitions and neighbours derive theirs from. */
    void putPrediction(Macroblock m) {
        int mb = mb(m.x, m.y);
        type[mb] = (byte) m.type.ordinal();
        chromaMode[mb] = (byte) (m.type.isIntra() ? m.chromaMode : 0);
        putMotion(m);
        for (int i = 0, at4 = at4(m.x, m.y); i < 16; i++)
            intraMode[at4 + (i >> 2) * stride4 + (i & 3)] =
                    (byte) (m.type.isIntraNxN() ? m.intraModes[i] : IntraPrediction.DC);
    }

    /** Puts the motion of a macroblock in. */
    void putMotion(Macroblock m) {
        boolean intra = m.type.isIntra();
        for (int q = 0, at8 = at8(m.x, m.y); q < 4; q++) {
            int i = at8 + (q >> 1) * stride8 + (q & 1);
            direct[i] = (byte) (!intra && m.direct[q] ? 1 : 0);
            for (int list = 0; list < 2; list++) {
                ref[list][i] = intra ? INTRA : (byte) m.ref[list][q];
                boolean used = ref[list][i] >= 0;
                mx[list][i] = used ? (short) m.mx[list][q] : 0;
                my[list][i] = used ? (short) m.my[list][q] : 0;
                dx[list][i] = 0;
                dy[list][i] = 0;
            }
        }
    }

    /** Puts the residual of a macroblock in. */
    void putResidual(Macroblock m) {
        int mb = mb(m.x, m.y);
        cbp[mb] = (byte) m.cbp;
        transform8x8[mb] = (byte) (m.transform8x8 ? 1 : 0);
        dcCoded[mb] = 0;
        for (int plane = 0; plane < m.planes.length; plane++) {
            CodedPlane coded = m.planes[plane];
            if (m.type == MbType.INTRA_16X16 && coded.dcCount > 0) dcCoded[mb] |= (byte) (1 << plane);
            for (int k = 0, at4 = at4(m.x, m.y); k < 16; k++)
                count[plane][at4 + Scan.BLOCK_Y[k] * stride4 + Scan.BLOCK_X[k]] =
                        (byte) ((m.cbp >> (k >> 2) & 1) != 0 ? coded.count[k] : 0);
        }
        if (m.chroma != null) putChroma(m, mb);
    }

    private void putChroma(Macroblock m, int mb) {
        for (int plane = 0; plane < 2; plane++) {
            if (m.cbp >> 4 != 0 && m.chroma.dcCount[plane] > 0) dcCoded[mb] |= (byte) (2 << plane);
            for (int k = 0, at8 = at8(m.x, m.y); k < 4; k++)
                count[1 + plane][at8 + (k >> 1) * stride8 + (k & 1)] =
                        (byte) (m.cbp >> 4 == 2 ? m.chroma.acCount[4 * plane + k] : 0);
        }
    }
}
