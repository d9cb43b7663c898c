package wanvae.video.h264;

import java.util.Arrays;

/**
 * Codes macroblocks' Cb and Cr in 4:2:0: transform, quantisation, and the way back that decoders go. The reconstruction
 * is left in the macroblock alone.
 */
final class ChromaCoder {
    private final SourcePicture source;
    private final Reconstruction picture;
    private final LevelDecision decision;
    private final int sourceStride;
    private final int[] dc = new int[4];
    /** Coefficients of pairs of 4x4 blocks. */
    private final short[] pairs = new short[2 * Transform4x4.PAIR];

    private final Transform4x4 transform = new Transform4x4();

    ChromaCoder(SourcePicture source, Reconstruction picture, LevelDecision decision) {
        this.source = source;
        this.picture = picture;
        this.decision = decision;
        sourceStride = picture.width / 2;
    }

    /** Codes both planes, and tells the coded block pattern. */
    void code(Macroblock m) {
        if (m.type.isIntra()) {
            int at = picture.chromaAt(8 * m.x, 8 * m.y);
            for (int plane = 0; plane < 2; plane++)
                IntraPrediction.predictChroma(
                        m.chromaMode,
                        picture.planes[1 + plane][0],
                        picture.chromaStride,
                        at,
                        m.x > 0,
                        m.y > 0,
                        m.chroma.pred[plane]);
        }
        int coded = codePlane(m, 0) | codePlane(m, 1);
        int pattern = (coded & 2) != 0 ? 2 : coded; // AC, with or without DC
        m.cbp = m.cbp & 15 | pattern << 4;
        measure(m);
    }

    /** Reconstructs a macroblock without residual: its prediction. */
    void copyPrediction(Macroblock m) {
        for (int plane = 0; plane < 2; plane++) System.arraycopy(m.chroma.pred[plane], 0, m.chroma.recon[plane], 0, 64);
        measure(m);
    }

    private int from(Macroblock m) {
        return 8 * (m.y * sourceStride + m.x);
    }

    private void measure(Macroblock m) {
        m.chroma.distortion = 0;
        for (int plane = 0; plane < 2; plane++)
            m.chroma.distortion +=
                    BlockCost.ssd8x8(source.planes[1 + plane], from(m), sourceStride, m.chroma.recon[plane], 0, 8);
    }

    /** Bit 0 of the result: the plane has DC levels, bit 1: it has AC levels. */
    private int codePlane(Macroblock m, int plane) {
        CodedChroma coded = m.chroma;
        byte[] pred = coded.pred[plane], to = coded.recon[plane];
        int qp = source.format.chromaQp(m.qp);
        DeadZone deadZone = m.type.isIntra() ? DeadZone.INTRA : DeadZone.INTER;
        int found = 0;
        for (int k = 0, b = 0; k < 4; k += 2, b += Transform4x4.PAIR) {
            transform.forward(
                    source.planes[1 + plane], from(m) + 2 * k * sourceStride, sourceStride, pred, 16 * k, 8, pairs, b);
            int significant = decision.significant4x4(pairs, b, qp, deadZone);
            for (int i = 0; i < 2; i++) {
                dc[k + i] = pairs[b + 4 * i];
                int block = 4 * plane + k + i;
                int count = coded.acCount[block] = decision.quantize4x4(
                        pairs,
                        b + 4 * i,
                        significant,
                        coded.ac[block],
                        1,
                        qp,
                        decision.lambda(1 + plane, m.qp),
                        deadZone,
                        ResidualWriter.CHROMA_AC);
                if (count > 0) found |= 2;
            }
        }
        DcTransform.hadamard2x2(dc);
        coded.dcCount[plane] = Quantizer.quantizeChromaDc(dc, coded.dc[plane], qp, deadZone);
        if (coded.dcCount[plane] > 0) found |= 1;
        if (found == 0) {
            System.arraycopy(pred, 0, to, 0, 64);
            return 0;
        }
        Quantizer.scaleChromaDc(coded.dc[plane], dc, qp);
        Arrays.fill(pairs, (short) 0);
        for (int k = 0, b = 0; k < 4; k += 2, b += Transform4x4.PAIR) {
            for (int i = 0; i < 2; i++) {
                int block = 4 * plane + k + i;
                Quantizer.scale4x4(coded.ac[block], coded.acCount[block], pairs, b + 4 * i, 1, qp);
                pairs[b + 4 * i] = (short) dc[k + i];
            }
            transform.inverse(pairs, b, pred, 16 * k, 8, to, 16 * k, 8);
        }
        return found;
    }
}
