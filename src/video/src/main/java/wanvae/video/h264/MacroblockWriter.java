package wanvae.video.h264;

/**
 * The syntax of macroblocks in CABAC (7.3.5, 9.3.3.1.1). The same code writes the chosen macroblock and counts the
 * candidates' bits. The macroblock's prediction and residual are in the grid already.
 */
final class MacroblockWriter {
    private final MbGrid grid;
    private final MotionPrediction prediction;
    private final boolean intraSlice;
    private final int references;

    /** @param references how many pictures inter macroblocks can choose from */
    MacroblockWriter(MbGrid grid, boolean intraSlice, int references) {
        this.grid = grid;
        this.intraSlice = intraSlice;
        this.references = references;
        prediction = new MotionPrediction(grid);
    }

    /**
     * @param previousQp the quantiser of the macroblock before
     * @param previousDelta whether that one changed it
     */
    void write(Bins bins, Macroblock m, int previousQp, boolean previousDelta) {
        int mb = grid.mb(m.x, m.y), left = mb - 1, top = mb - grid.mbStride;
        if (!intraSlice) {
            boolean skip = m.type == MbType.P_SKIP;
            bins.bin(11 + (isCoded(left) ? 1 : 0) + (isCoded(top) ? 1 : 0), skip ? 1 : 0);
            if (skip) return;
        }
        if (m.type.isIntra()) writeIntra(bins, m, left, top);
        else writeInter(bins, m);
        if (m.type != MbType.INTRA_16X16) writeCbp(bins, m.cbp, left, top);
        if (!m.type.isIntra() && (m.cbp & 15) != 0) writeTransformSize(bins, m, left, top);
        if (!m.hasResidual()) return;
        writeQpDelta(bins, m.qp - previousQp, previousDelta);
        writeResidual(bins, m, mb);
    }

    private boolean isCoded(int mb) {
        return grid.isAvailable(mb) && grid.type[mb] != MbType.P_SKIP.ordinal();
    }

    private void writeIntra(Bins bins, Macroblock m, int left, int top) {
        boolean nxn = m.type.isIntraNxN();
        if (intraSlice) {
            bins.bin(3 + (isNot(left) ? 1 : 0) + (isNot(top) ? 1 : 0), nxn ? 0 : 1);
        } else {
            bins.bin(14, 1);
            bins.bin(17, nxn ? 0 : 1);
        }
        if (nxn) {
            writeTransformSize(bins, m, left, top);
            writeIntraModes(bins, m);
        } else {
            int p = intraSlice ? 6 : 18,
                    chroma = m.cbp >> 4,
                    further = intraSlice ? 1 : 0; // P slices share some contexts
            bins.terminate(0);
            bins.bin(p, (m.cbp & 15) != 0 ? 1 : 0);
            bins.bin(p + 1, chroma != 0 ? 1 : 0);
            if (chroma != 0) bins.bin(p + 1 + further, chroma - 1);
            bins.bin(p + 2 + further, m.intra16x16Mode >> 1);
            bins.bin(p + 2 + 2 * further, m.intra16x16Mode & 1);
        }
        bins.bin(
                64 + (grid.chromaMode[left] != 0 ? 1 : 0) + (grid.chromaMode[top] != 0 ? 1 : 0),
                m.chromaMode != 0 ? 1 : 0);
        if (m.chromaMode != 0) bins.bin(67, m.chromaMode > 1 ? 1 : 0);
        if (m.chromaMode > 1) bins.bin(67, m.chromaMode > 2 ? 1 : 0);
    }

    /** Whether a neighbour is there and not of 4x4 or 8x8 intra prediction. */
    private boolean isNot(int mb) {
        return grid.type[mb] >= 0 && !MbType.VALUES[grid.type[mb]].isIntraNxN();
    }

    private void writeTransformSize(Bins bins, Macroblock m, int left, int top) {
        bins.bin(399 + grid.transform8x8[left] + grid.transform8x8[top], m.transform8x8 ? 1 : 0);
    }

    private void writeIntraModes(Bins bins, Macroblock m) {
        for (int k = 0; k < 16; k += m.type == MbType.INTRA_8X8 ? 4 : 1) {
            int column = Scan.BLOCK_X[k], row = Scan.BLOCK_Y[k];
            int predicted = predictedMode(grid.at4(m.x, m.y) + row * grid.stride4 + column),
                    mode = m.intraModes[4 * row + column];
            bins.bin(68, mode == predicted ? 1 : 0);
            if (mode != predicted) {
                int rest = mode > predicted ? mode - 1 : mode;
                for (int i = 0; i < 3; i++) bins.bin(69, rest >> i & 1);
            }
        }
    }

    /** Intra4x4PredMode or Intra8x8PredMode as the neighbours predict it (8.3.1.1). */
    int predictedMode(int at4) {
        int a = grid.intraMode[at4 - 1], b = grid.intraMode[at4 - grid.stride4];
        return a < 0 || b < 0 ? IntraPrediction.DC : Math.min(a, b);
    }

    private void writeInter(Bins bins, Macroblock m) {
        bins.bin(14, 0);
        switch (m.type) {
            case P_16X16 -> {
                bins.bin(15, 0);
                bins.bin(16, 0);
            }
            case P_8X8 -> {
                bins.bin(15, 0);
                bins.bin(16, 1);
                for (int q = 0; q < 4; q++) bins.bin(21, 1);
            }
            default -> {
                bins.bin(15, 1);
                bins.bin(17, m.type == MbType.P_16X8 ? 1 : 0);
            }
        }
        int at8 = grid.at8(m.x, m.y);
        if (references > 1)
            for (int q = 0; q < 4; q++)
                if (m.type.startsPartition(q)) writeRef(bins, at8 + (q >> 1) * grid.stride8 + (q & 1), m.ref[q]);
        for (int q = 0; q < 4; q++)
            if (m.type.startsPartition(q)) {
                prediction.predict(m.type, m.x, m.y, q, m.ref[q]);
                int at = at8 + (q >> 1) * grid.stride8 + (q & 1),
                        dx = m.mx[q] - prediction.x,
                        dy = m.my[q] - prediction.y;
                writeMvd(bins, 40, dx, grid.dx[at - 1] + grid.dx[at - grid.stride8]);
                writeMvd(bins, 47, dy, grid.dy[at - 1] + grid.dy[at - grid.stride8]);
                for (int j = 0; j < m.type.partitionHeight(); j++)
                    for (int i = 0; i < m.type.partitionWidth(); i++) {
                        grid.dx[at + j * grid.stride8 + i] = (short) Math.abs(dx);
                        grid.dy[at + j * grid.stride8 + i] = (short) Math.abs(dy);
                    }
            }
    }

    private void writeRef(Bins bins, int at, int ref) {
        int context = 54 + (grid.ref[at - 1] > 0 ? 1 : 0) + (grid.ref[at - grid.stride8] > 0 ? 2 : 0);
        for (int i = 0; i < ref; i++) {
            bins.bin(context, 1);
            context = i == 0 ? 58 : 59;
        }
        bins.bin(context, 0);
    }

    private static void writeMvd(Bins bins, int base, int difference, int neighbours) {
        int context = base + (neighbours < 3 ? 0 : neighbours > 32 ? 2 : 1), size = Math.abs(difference);
        for (int i = 0; i < Math.min(size, 9); i++) {
            bins.bin(context, 1);
            context = base + Math.min(3 + i, 6);
        }
        if (size < 9) bins.bin(context, 0);
        else ResidualWriter.expGolomb(bins, size - 9, 3);
        if (size != 0) bins.bypass(difference < 0 ? 1 : 0);
    }

    private void writeCbp(Bins bins, int cbp, int left, int top) {
        int a = grid.isAvailable(left) ? grid.cbp[left] : 15, b = grid.isAvailable(top) ? grid.cbp[top] : 15;
        for (int q = 0; q < 4; q++) {
            int beside = (q & 1) == 0 ? a >> q + 1 : cbp >> q - 1, above = q < 2 ? b >> q + 2 : cbp >> q - 2;
            bins.bin(73 + (~beside & 1) + 2 * (~above & 1), cbp >> q & 1);
        }
        a = grid.cbp[left] >> 4; // 0 where there is none
        b = grid.cbp[top] >> 4;
        int chroma = cbp >> 4;
        bins.bin(77 + (a != 0 ? 1 : 0) + (b != 0 ? 2 : 0), chroma != 0 ? 1 : 0);
        if (chroma != 0) bins.bin(81 + (a == 2 ? 1 : 0) + (b == 2 ? 2 : 0), chroma - 1);
    }

    private static void writeQpDelta(Bins bins, int delta, boolean previousDelta) {
        // The range of deltas is a circle of 52.
        int wrapped = delta < -26 ? delta + 52 : delta > 25 ? delta - 52 : delta;
        int value = wrapped > 0 ? 2 * wrapped - 1 : -2 * wrapped, context = previousDelta ? 61 : 60;
        for (int i = 0; i < value; i++) {
            bins.bin(context, 1);
            context = i == 0 ? 62 : 63;
        }
        bins.bin(context, 0);
    }

    private void writeResidual(Bins bins, Macroblock m, int mb) {
        boolean intra = m.type.isIntra(), intra16 = m.type == MbType.INTRA_16X16;
        if (intra16 && writeDcCoded(bins, ResidualWriter.LUMA_DC, mb, 0, intra, m.lumaDcCount > 0))
            ResidualWriter.write(bins, ResidualWriter.LUMA_DC, m.lumaDc, 0, 16);
        for (int k = 0; k < 16; k++) {
            if ((m.cbp >> (k >> 2) & 1) == 0) continue;
            if (m.transform8x8) {
                if ((k & 3) == 0) ResidualWriter.write(bins, ResidualWriter.LUMA_8X8, m.luma8x8[k >> 2], 0, 64);
                continue;
            }
            int at = grid.at4(m.x, m.y) + Scan.BLOCK_Y[k] * grid.stride4 + Scan.BLOCK_X[k];
            int category = intra16 ? ResidualWriter.LUMA_AC : ResidualWriter.LUMA_4X4, first = intra16 ? 1 : 0;
            if (writeCoded(bins, category, grid.lumaCount, at, grid.stride4, intra, m.lumaCount[k] > 0))
                ResidualWriter.write(bins, category, m.luma[k], first, 16 - first);
        }
        if (m.cbp >> 4 == 0) return;
        for (int plane = 0; plane < 2; plane++)
            if (writeDcCoded(bins, ResidualWriter.CHROMA_DC, mb, 1 + plane, intra, m.chromaDcCount[plane] > 0))
                ResidualWriter.write(bins, ResidualWriter.CHROMA_DC, m.chromaDc[plane], 0, 4);
        if (m.cbp >> 4 == 1) return;
        for (int k = 0; k < 8; k++) {
            int at = grid.at8(m.x, m.y) + (k >> 1 & 1) * grid.stride8 + (k & 1);
            if (writeCoded(
                    bins,
                    ResidualWriter.CHROMA_AC,
                    k < 4 ? grid.uCount : grid.vCount,
                    at,
                    grid.stride8,
                    intra,
                    m.chromaAcCount[k] > 0)) ResidualWriter.write(bins, ResidualWriter.CHROMA_AC, m.chromaAc[k], 1, 15);
        }
    }

    private boolean writeCoded(
            Bins bins, int category, byte[] counts, int at, int stride, boolean intra, boolean coded) {
        int a = counts[at - 1], b = counts[at - stride], unavailable = intra ? 1 : 0;
        int context = (a < 0 ? unavailable : a > 0 ? 1 : 0) + 2 * (b < 0 ? unavailable : b > 0 ? 1 : 0);
        bins.bin(ResidualWriter.CODED[category] + context, coded ? 1 : 0);
        return coded;
    }

    private boolean writeDcCoded(Bins bins, int category, int mb, int bit, boolean intra, boolean coded) {
        int left = mb - 1, top = mb - grid.mbStride, unavailable = intra ? 1 : 0;
        int a = grid.isAvailable(left) ? grid.dcCoded[left] >> bit & 1 : unavailable;
        int b = grid.isAvailable(top) ? grid.dcCoded[top] >> bit & 1 : unavailable;
        bins.bin(ResidualWriter.CODED[category] + a + 2 * b, coded ? 1 : 0);
        return coded;
    }
}
