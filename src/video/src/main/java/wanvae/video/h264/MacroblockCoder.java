package wanvae.video.h264;

import java.util.Arrays;

/**
 * Turns a macroblock's prediction into levels and reconstruction: transform, quantisation, and the way back that
 * decoders go. The reconstruction is left in the picture, where the following blocks are predicted from it.
 */
final class MacroblockCoder {
    private final Reconstruction picture;
    private final SourcePicture source;
    private final MbGrid grid;
    private final int sourceStride;
    private final IntraPrediction intra = new IntraPrediction();
    private final int[] dc = new int[16], chromaDc = new int[4];
    /** Coefficients of pairs of 4x4 blocks, and of an 8x8 block. */
    private final short[] pairs = new short[8 * Transform4x4.PAIR], block8x8 = new short[64];

    private final byte[] reconPair = new byte[32];
    private final Transform4x4 transform4x4 = new Transform4x4();
    private final Transform8x8 transform8x8 = new Transform8x8();
    private final InterPrediction inter;
    private final Trellis trellis;
    private final double[] lambda;
    /** Whether levels are chosen by the trellis rather than by rounding. */
    boolean thorough;
    /** What the trellis takes a squared error of luma for. */
    double lumaWeight = 1;

    /**
     * @param contexts as the writer stands before the macroblock that is coded
     * @param lambda   {@link Lambda#ssd}
     */
    MacroblockCoder(
            SourcePicture source,
            Reconstruction picture,
            ReferenceLists references,
            MbGrid grid,
            BinCounter contexts,
            double[] lambda) {
        trellis = new Trellis(contexts);
        this.lambda = lambda;
        this.source = source;
        this.picture = picture;
        inter = new InterPrediction(references);
        this.grid = grid;
        sourceStride = picture.width;
    }

    /** Fills in the samples that an inter macroblock's motion predicts. */
    void predict(Macroblock m) {
        inter.predict(m, m.predY, m.predU, m.predV);
    }

    /**
     * Codes the residual of {@code m} against the prediction it names; sets its levels, counts and coded block pattern.
     * Inter macroblocks have their predicted samples already.
     */
    void code(Macroblock m) {
        codeLuma(m);
        codeChroma(m);
        grid.putResidual(m);
    }

    /** The luma part of {@link #code}. */
    void codeLuma(Macroblock m) {
        m.cbp = 0;
        int at = picture.at(16 * m.x, 16 * m.y), from = (16 * m.y * sourceStride) + 16 * m.x;
        switch (m.type) {
            case INTRA_4X4, INTRA_8X8 -> {
                for (int k = 0; k < 16; k += m.type == MbType.INTRA_4X4 ? 1 : 4) codeIntraBlock(m, k);
            }
            case INTRA_16X16 -> codeIntra16x16(m, at, from);
            default -> {
                if (m.transform8x8) for (int q = 0; q < 4; q++) code8x8(m, q, at, from, DeadZone.INTER);
                else for (int k = 0; k < 16; k += 2) code4x4Pair(m, k, at, from);
                if ((m.cbp & 15) == 0) m.transform8x8 = false;
            }
        }
    }

    /** Whether an inter macroblock with 8x8 transforms has no levels; stops at the first block that has. */
    boolean isEmpty(Macroblock m) {
        m.cbp = 0;
        int at = picture.at(16 * m.x, 16 * m.y), from = (16 * m.y * sourceStride) + 16 * m.x;
        for (int q = 0; q < 4; q++) {
            code8x8(m, q, at, from, DeadZone.INTER);
            if (m.cbp != 0) return false;
        }
        codeChroma(m);
        return m.cbp == 0;
    }

    /** Reconstructs a skipped macroblock: its prediction. */
    void skip(Macroblock m) {
        m.cbp = 0;
        m.transform8x8 = false;
        copy(m.predY, 0, 16, 16, 16, picture.y[0], picture.at(16 * m.x, 16 * m.y), picture.stride);
        System.arraycopy(m.predU, 0, m.reconU, 0, 64);
        System.arraycopy(m.predV, 0, m.reconV, 0, 64);
        measureChroma(m);
        grid.putResidual(m);
    }

    /** Prepares {@code intra} for the block at a column and row of 4x4 blocks. */
    IntraPrediction neighbours(int mbX, int mbY, int column, int row, int n) {
        boolean left = mbX > 0 || column > 0, top = mbY > 0 || row > 0;
        boolean topRight = row == 0
                ? mbY > 0 && (4 * column + n < 16 || mbX < grid.width - 1)
                : n == 8 ? column == 0 : column != 3 && (column & row & 1) == 0;
        intra.neighbours(
                picture.y[0],
                picture.stride,
                picture.at(16 * mbX + 4 * column, 16 * mbY + 4 * row),
                n,
                left,
                top,
                left && top,
                topRight);
        return intra;
    }

    /**
     * Predicts and codes the 4x4 block {@code k} of an Intra 4x4 macroblock, or the 8x8 block that starts there of an
     * Intra 8x8 one.
     */
    void codeIntraBlock(Macroblock m, int k) {
        int column = Scan.BLOCK_X[k], row = Scan.BLOCK_Y[k], n = m.type == MbType.INTRA_4X4 ? 4 : 8;
        int at = picture.at(16 * m.x, 16 * m.y), from = 16 * m.y * sourceStride + 16 * m.x;
        neighbours(m.x, m.y, column, row, n).predict(m.intraModes[4 * row + column], n, m.predY, 64 * row + 4 * column);
        if (n == 4) codeIntra4x4(m, k, at, from);
        else code8x8(m, k >> 2, at, from, DeadZone.INTRA);
    }

    private void code4x4Pair(Macroblock m, int k, int at, int from) {
        int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k], to = at + y * picture.stride + x, pred = 16 * y + x;
        transform4x4.forward(source.y, from + y * sourceStride + x, sourceStride, m.predY, pred, 16, pairs, 0);
        int significant = significant(0, m.qp, DeadZone.INTER), count = 0;
        for (int i = 0; i < 2; i++)
            count += m.lumaCount[k + i] = quantize4x4(
                    4 * i, significant, m.luma[k + i], 0, m.qp, lumaLambda(m), DeadZone.INTER, ResidualWriter.LUMA_4X4);
        if (count == 0) {
            copy(m.predY, pred, 16, 8, 4, picture.y[0], to, picture.stride);
            return;
        }
        m.cbp |= 1 << (k >> 2);
        Arrays.fill(pairs, 0, Transform4x4.PAIR, (short) 0);
        for (int i = 0; i < 2; i++) Quantizer.scale4x4(m.luma[k + i], m.lumaCount[k + i], pairs, 4 * i, 0, m.qp);
        transform4x4.inverse(pairs, 0, m.predY, pred, 16, picture.y[0], to, picture.stride);
    }

    /** Of the pair of blocks it is transformed in, only one is used. */
    private void codeIntra4x4(Macroblock m, int k, int at, int from) {
        int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k], in = x & 4, to = at + y * picture.stride + x;
        int pred = 16 * y + x;
        transform4x4.forward(
                source.y, from + y * sourceStride + x - in, sourceStride, m.predY, pred - in, 16, pairs, 0);
        int count = m.lumaCount[k] = quantize4x4(
                in,
                significant(0, m.qp, DeadZone.INTRA),
                m.luma[k],
                0,
                m.qp,
                lumaLambda(m),
                DeadZone.INTRA,
                ResidualWriter.LUMA_4X4);
        if (count == 0) {
            copy(m.predY, pred, 16, 4, 4, picture.y[0], to, picture.stride);
            return;
        }
        m.cbp |= 1 << (k >> 2);
        Arrays.fill(pairs, 0, Transform4x4.PAIR, (short) 0);
        Quantizer.scale4x4(m.luma[k], count, pairs, in, 0, m.qp);
        transform4x4.inverse(pairs, 0, m.predY, pred - in, 16, reconPair, 0, 8);
        copy(reconPair, in, 8, 4, 4, picture.y[0], to, picture.stride);
    }

    private void code8x8(Macroblock m, int q, int at, int from, DeadZone deadZone) {
        int x = 8 * (q & 1), y = 8 * (q >> 1), to = at + y * picture.stride + x;
        transform8x8.forward(source.y, from + y * sourceStride + x, sourceStride, m.predY, 16 * y + x, 16, block8x8);
        int count = thorough
                ? trellis.quantize8x8(block8x8, m.luma8x8[q], m.qp, lumaLambda(m))
                : Quantizer.quantize8x8(block8x8, m.luma8x8[q], m.qp, deadZone);
        for (int i = 0; i < 4; i++) m.lumaCount[4 * q + i] = count;
        if (count > 0) {
            m.cbp |= 1 << q;
            Quantizer.scale8x8(m.luma8x8[q], count, block8x8, m.qp);
            transform8x8.inverse(block8x8, m.predY, 16 * y + x, 16, picture.y[0], to, picture.stride);
        } else copy(m.predY, 16 * y + x, 16, 8, 8, picture.y[0], to, picture.stride);
    }

    private void codeIntra16x16(Macroblock m, int at, int from) {
        IntraPrediction.predict16x16(m.intra16x16Mode, picture.y[0], picture.stride, at, m.x > 0, m.y > 0, m.predY);
        boolean ac = false;
        for (int k = 0, b = 0; k < 16; k += 2, b += Transform4x4.PAIR) {
            int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k];
            transform4x4.forward(
                    source.y, from + y * sourceStride + x, sourceStride, m.predY, 16 * y + x, 16, pairs, b);
            int significant = significant(b, m.qp, DeadZone.INTRA);
            for (int i = 0; i < 2; i++) {
                dc[y + x / 4 + i] = pairs[b + 4 * i];
                int count = m.lumaCount[k + i] = quantize4x4(
                        b + 4 * i,
                        significant,
                        m.luma[k + i],
                        1,
                        m.qp,
                        lumaLambda(m),
                        DeadZone.INTRA,
                        ResidualWriter.LUMA_AC);
                ac |= count > 0;
            }
        }
        DcTransform.hadamard4x4(dc);
        for (int i = 0; i < 16; i++) dc[i] = dc[i] + 1 >> 1;
        m.lumaDcCount = Quantizer.quantizeLumaDc(dc, m.lumaDc, m.qp, DeadZone.INTRA);
        Quantizer.scaleLumaDc(m.lumaDc, dc, m.qp);
        if (ac) m.cbp |= 15;
        Arrays.fill(pairs, (short) 0);
        for (int k = 0, b = 0; k < 16; k += 2, b += Transform4x4.PAIR) {
            int x = 4 * Scan.BLOCK_X[k], y = 4 * Scan.BLOCK_Y[k];
            for (int i = 0; i < 2; i++) {
                Quantizer.scale4x4(m.luma[k + i], m.lumaCount[k + i], pairs, b + 4 * i, 1, m.qp);
                pairs[b + 4 * i] = (short) dc[y + x / 4 + i];
            }
            transform4x4.inverse(
                    pairs, b, m.predY, 16 * y + x, 16, picture.y[0], at + y * picture.stride + x, picture.stride);
        }
    }

    /** The chroma part of {@link #code}; the reconstruction is left in {@code m} alone. */
    void codeChroma(Macroblock m) {
        if (m.type.isIntra()) {
            int at = picture.chromaAt(8 * m.x, 8 * m.y), stride = picture.stride / 2;
            IntraPrediction.predictChroma(m.chromaMode, picture.u, stride, at, m.x > 0, m.y > 0, m.predU);
            IntraPrediction.predictChroma(m.chromaMode, picture.v, stride, at, m.x > 0, m.y > 0, m.predV);
        }
        int coded =
                codeChromaPlane(m, 0, source.u, m.predU, m.reconU) | codeChromaPlane(m, 1, source.v, m.predV, m.reconV);
        int pattern = (coded & 2) != 0 ? 2 : coded; // AC, with or without DC
        m.cbp = m.cbp & 15 | pattern << 4;
        measureChroma(m);
    }

    private void measureChroma(Macroblock m) {
        int from = 8 * m.y * (sourceStride / 2) + 8 * m.x;
        m.chromaDistortion = BlockCost.ssd8x8(source.u, from, sourceStride / 2, m.reconU, 0, 8)
                + BlockCost.ssd8x8(source.v, from, sourceStride / 2, m.reconV, 0, 8);
    }

    /** Codes a chroma plane; bit 0 of the result: it has DC levels, bit 1: it has AC levels. */
    private int codeChromaPlane(Macroblock m, int plane, byte[] from, byte[] pred, byte[] to) {
        int qp = Quantizer.chromaQp(m.qp);
        DeadZone deadZone = m.type.isIntra() ? DeadZone.INTRA : DeadZone.INTER;
        int stride = sourceStride / 2, sourceAt = 8 * m.y * stride + 8 * m.x;
        int coded = 0;
        for (int k = 0, b = 0; k < 4; k += 2, b += Transform4x4.PAIR) {
            transform4x4.forward(from, sourceAt + 2 * k * stride, stride, pred, 16 * k, 8, pairs, b);
            int significant = significant(b, qp, deadZone);
            for (int i = 0; i < 2; i++) {
                chromaDc[k + i] = pairs[b + 4 * i];
                int[] levels = m.chromaAc[4 * plane + k + i];
                int count = m.chromaAcCount[4 * plane + k + i] = quantize4x4(
                        b + 4 * i, significant, levels, 1, qp, lambda[m.qp], deadZone, ResidualWriter.CHROMA_AC);
                if (count > 0) coded |= 2;
            }
        }
        DcTransform.hadamard2x2(chromaDc);
        m.chromaDcCount[plane] = Quantizer.quantizeChromaDc(chromaDc, m.chromaDc[plane], qp, deadZone);
        if (m.chromaDcCount[plane] > 0) coded |= 1;
        if (coded == 0) {
            System.arraycopy(pred, 0, to, 0, 64);
            return 0;
        }
        Quantizer.scaleChromaDc(m.chromaDc[plane], chromaDc, qp);
        Arrays.fill(pairs, 0, 2 * Transform4x4.PAIR, (short) 0);
        for (int k = 0, b = 0; k < 4; k += 2, b += Transform4x4.PAIR) {
            for (int i = 0; i < 2; i++) {
                int block = 4 * plane + k + i;
                Quantizer.scale4x4(m.chromaAc[block], m.chromaAcCount[block], pairs, b + 4 * i, 1, qp);
                pairs[b + 4 * i] = (short) chromaDc[k + i];
            }
            transform4x4.inverse(pairs, b, pred, 16 * k, 8, to, 16 * k, 8);
        }
        return coded;
    }

    private double lumaLambda(Macroblock m) {
        return lambda[m.qp] / lumaWeight;
    }

    private int significant(int pair, int qp, DeadZone deadZone) {
        return Quantizer.significant4x4(pairs, pair, qp, thorough ? DeadZone.NEAREST : deadZone);
    }

    /** @param significant of the pair of blocks that the one at {@code at} is in */
    private int quantize4x4(
            int at, int significant, int[] levels, int first, int qp, double lambda, DeadZone deadZone, int category) {
        int map = significant >>> (at & 4);
        return thorough
                ? trellis.quantize4x4(pairs, at, map, levels, first, qp, lambda, category)
                : Quantizer.quantize4x4(pairs, at, map, levels, first, qp, deadZone);
    }

    private static void copy(byte[] pred, int pAt, int pStride, int w, int h, byte[] to, int at, int stride) {
        for (int y = 0; y < h; y++) SampleVectors.copy(pred, pAt + y * pStride, to, at + y * stride, w);
    }
}
