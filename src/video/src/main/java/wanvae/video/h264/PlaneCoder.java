package wanvae.video.h264;

import java.util.Arrays;

/**
 * Codes macroblocks in a plane that is coded as luma is: transform, quantisation, and the way back that decoders go.
 * The reconstruction is left in the picture, where the following blocks are predicted from it.
 */
final class PlaneCoder {
    private final int plane;
    private final ChromaFormat format;
    private final Reconstruction picture;
    private final byte[] source, samples;
    private final int sourceStride, stride, widthInMbs;
    private final LevelDecision decision;
    private final IntraPrediction intra = new IntraPrediction();
    private final int[] dc = new int[16];
    /** Coefficients of pairs of 4x4 blocks, and of an 8x8 block. */
    private final short[] pairs = new short[8 * Transform4x4.PAIR], block8x8 = new short[64];

    private final byte[] reconPair = new byte[32];
    private final Transform4x4 transform4x4 = new Transform4x4();
    private final Transform8x8 transform8x8 = new Transform8x8();

    /** @param plane 0: luma; 1 and 2: Cb and Cr in 4:4:4 */
    PlaneCoder(int plane, SourcePicture source, Reconstruction picture, LevelDecision decision) {
        this.plane = plane;
        format = source.format;
        this.picture = picture;
        this.source = source.planes[plane];
        samples = picture.planes[plane][0];
        sourceStride = picture.width;
        stride = picture.stride;
        widthInMbs = picture.width / 16;
        this.decision = decision;
    }

    /** The quantiser of this plane. */
    private int qp(Macroblock m) {
        return plane == 0 ? m.qp : format.chromaQp(m.qp);
    }

    private double lambda(Macroblock m) {
        return decision.lambda(plane, m.qp);
    }

    private int at(Macroblock m) {
        return picture.at(16 * m.x, 16 * m.y);
    }

    private int from(Macroblock m) {
        return 16 * (m.y * sourceStride + m.x);
    }

    /** Codes a macroblock's residual; the modes of intra ones are chosen, the samples of inter ones predicted. */
    void code(Macroblock m) {
        switch (m.type) {
            case INTRA_4X4 -> {
                for (int k = 0; k < 16; k++) codeIntraBlock(m, k);
            }
            case INTRA_8X8 -> {
                for (int k = 0; k < 16; k += 4) codeIntraBlock(m, k);
            }
            case INTRA_16X16 -> codeIntra16x16(m);
            default -> {
                if (m.transform8x8) for (int q = 0; q < 4; q++) code8x8(m, q, DeadZone.INTER);
                else for (int k = 0; k < 16; k += 2) code4x4Pair(m, k);
            }
        }
    }

    /** Whether an inter macroblock with 8x8 transforms has no levels; stops at the first block that has. */
    boolean isEmpty(Macroblock m) {
        for (int q = 0; q < 4; q++) {
            code8x8(m, q, DeadZone.INTER);
            if (m.cbp != 0) return false;
        }
        return true;
    }

    /** Reconstructs a macroblock without residual: its prediction. */
    void copyPrediction(Macroblock m) {
        copy(m.planes[plane].pred, 0, 16, 16, 16, at(m));
    }

    /** Sum of squared differences between a macroblock's source and what the picture has of it. */
    int distortion(Macroblock m) {
        int sum = 0;
        for (int q = 0; q < 4; q++) {
            int x = 8 * (q & 1), y = 8 * (q >> 1);
            sum += BlockCost.ssd8x8(
                    source, from(m) + y * sourceStride + x, sourceStride, samples, at(m) + y * stride + x, stride);
        }
        return sum;
    }

    /** Prepares the prediction of the n x n block at a column and row of 4x4 blocks. */
    IntraPrediction neighbours(Macroblock m, int column, int row, int n) {
        boolean left = m.x > 0 || column > 0, top = m.y > 0 || row > 0;
        boolean topRight = row == 0
                ? m.y > 0 && (4 * column + n < 16 || m.x < widthInMbs - 1)
                : n == 8 ? column == 0 : column != 3 && (column & row & 1) == 0;
        intra.neighbours(samples, stride, at(m) + 4 * (row * stride + column), n, left, top, left && top, topRight);
        return intra;
    }

    /**
     * Predicts and codes the 4x4 block {@code k} of an Intra 4x4 macroblock, or the 8x8 block that starts there of an
     * Intra 8x8 one.
     */
    void codeIntraBlock(Macroblock m, int k) {
        int column = Scan.BLOCK_X[k], row = Scan.BLOCK_Y[k], n = m.type == MbType.INTRA_4X4 ? 4 : 8;
        neighbours(m, column, row, n)
                .predict(m.intraModes[4 * row + column], n, m.planes[plane].pred, 64 * row + 4 * column);
        if (n == 4) codeIntra4x4(m, k);
        else code8x8(m, k >> 2, DeadZone.INTRA);
    }

    private void code4x4Pair(Macroblock m, int k) {
        CodedPlane coded = m.planes[plane];
        int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k], to = at(m) + y * stride + x, pred = 16 * y + x;
        int qp = qp(m), count = 0;
        transform4x4.forward(source, from(m) + y * sourceStride + x, sourceStride, coded.pred, pred, 16, pairs, 0);
        int significant = decision.significant4x4(pairs, 0, qp, DeadZone.INTER);
        for (int i = 0; i < 2; i++)
            count += coded.count[k + i] = decision.quantize4x4(
                    pairs,
                    4 * i,
                    significant,
                    coded.levels[k + i],
                    0,
                    qp,
                    lambda(m),
                    DeadZone.INTER,
                    ResidualWriter.BLOCK_4X4[plane]);
        if (count == 0) {
            copy(coded.pred, pred, 16, 8, 4, to);
            return;
        }
        m.cbp |= 1 << (k >> 2);
        Arrays.fill(pairs, 0, Transform4x4.PAIR, (short) 0);
        for (int i = 0; i < 2; i++) Quantizer.scale4x4(coded.levels[k + i], coded.count[k + i], pairs, 4 * i, 0, qp);
        transform4x4.inverse(pairs, 0, coded.pred, pred, 16, samples, to, stride);
    }

    /** Of the pair of blocks it is transformed in, only one is used. */
    private void codeIntra4x4(Macroblock m, int k) {
        CodedPlane coded = m.planes[plane];
        int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k], in = x & 4, to = at(m) + y * stride + x;
        int pred = 16 * y + x, qp = qp(m);
        transform4x4.forward(
                source, from(m) + y * sourceStride + x - in, sourceStride, coded.pred, pred - in, 16, pairs, 0);
        int count = coded.count[k] = decision.quantize4x4(
                pairs,
                in,
                decision.significant4x4(pairs, 0, qp, DeadZone.INTRA),
                coded.levels[k],
                0,
                qp,
                lambda(m),
                DeadZone.INTRA,
                ResidualWriter.BLOCK_4X4[plane]);
        if (count == 0) {
            copy(coded.pred, pred, 16, 4, 4, to);
            return;
        }
        m.cbp |= 1 << (k >> 2);
        Arrays.fill(pairs, 0, Transform4x4.PAIR, (short) 0);
        Quantizer.scale4x4(coded.levels[k], count, pairs, in, 0, qp);
        transform4x4.inverse(pairs, 0, coded.pred, pred - in, 16, reconPair, 0, 8);
        copy(reconPair, in, 8, 4, 4, to);
    }

    private void code8x8(Macroblock m, int q, DeadZone deadZone) {
        CodedPlane coded = m.planes[plane];
        int x = 8 * (q & 1), y = 8 * (q >> 1), to = at(m) + y * stride + x, pred = 16 * y + x, qp = qp(m);
        transform8x8.forward(source, from(m) + y * sourceStride + x, sourceStride, coded.pred, pred, 16, block8x8);
        int[] levels = coded.levels8x8[q];
        int count = decision.quantize8x8(block8x8, levels, qp, lambda(m), deadZone, ResidualWriter.BLOCK_8X8[plane]);
        for (int i = 0; i < 4; i++) coded.count[4 * q + i] = count;
        if (count > 0) {
            m.cbp |= 1 << q;
            Quantizer.scale8x8(levels, count, block8x8, qp);
            transform8x8.inverse(block8x8, coded.pred, pred, 16, samples, to, stride);
        } else copy(coded.pred, pred, 16, 8, 8, to);
    }

    private void codeIntra16x16(Macroblock m) {
        CodedPlane coded = m.planes[plane];
        int at = at(m), qp = qp(m);
        IntraPrediction.predict16x16(m.intra16x16Mode, samples, stride, at, m.x > 0, m.y > 0, coded.pred);
        boolean ac = false;
        for (int k = 0, b = 0; k < 16; k += 2, b += Transform4x4.PAIR) {
            int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k];
            transform4x4.forward(
                    source, from(m) + y * sourceStride + x, sourceStride, coded.pred, 16 * y + x, 16, pairs, b);
            int significant = decision.significant4x4(pairs, b, qp, DeadZone.INTRA);
            for (int i = 0; i < 2; i++) {
                dc[y + x / 4 + i] = pairs[b + 4 * i];
                coded.count[k + i] = decision.quantize4x4(
                        pairs,
                        b + 4 * i,
                        significant,
                        coded.levels[k + i],
                        1,
                        qp,
                        lambda(m),
                        DeadZone.INTRA,
                        ResidualWriter.AC[plane]);
                ac |= coded.count[k + i] > 0;
            }
        }
        DcTransform.hadamard4x4(dc);
        for (int i = 0; i < 16; i++) dc[i] = dc[i] + 1 >> 1;
        coded.dcCount = Quantizer.quantizeLumaDc(dc, coded.dc, qp, DeadZone.INTRA);
        Quantizer.scaleLumaDc(coded.dc, dc, qp);
        if (ac) m.cbp |= 15;
        Arrays.fill(pairs, (short) 0);
        for (int k = 0, b = 0; k < 16; k += 2, b += Transform4x4.PAIR) {
            int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k];
            for (int i = 0; i < 2; i++) {
                Quantizer.scale4x4(coded.levels[k + i], coded.count[k + i], pairs, b + 4 * i, 1, qp);
                pairs[b + 4 * i] = (short) dc[y + x / 4 + i];
            }
            transform4x4.inverse(pairs, b, coded.pred, 16 * y + x, 16, samples, at + y * stride + x, stride);
        }
    }

    private void copy(byte[] from, int fromAt, int fromStride, int w, int h, int to) {
        for (int y = 0; y < h; y++) SampleVectors.copy(from, fromAt + y * fromStride, samples, to + y * stride, w);
    }
}
