package wanvae.video.h264;

/**
 * The syntax of macroblocks in CABAC (7.3.5, 9.3.3.1.1). The same code writes the chosen macroblock and counts the
 * candidates' bits. The macroblock's prediction and residual are in the grid already.
 */
final class MacroblockWriter {
    private final MbGrid grid;
    private final MotionPrediction prediction;
    private final MacroblockResidualWriter residual;
    private final SliceType slice;
    /** How many pictures each list has for inter macroblocks to choose from. */
    private final int[] references;

    /** First contexts by slice type: of mb_skip_flag, and of the intra macroblock types in inter slices. */
    private final int skipContext, intraContext;

    /** @param references how many pictures each list has */
    MacroblockWriter(MbGrid grid, SliceType slice, int... references) {
        this.grid = grid;
        this.slice = slice;
        this.references = references;
        prediction = new MotionPrediction(grid);
        residual = new MacroblockResidualWriter(grid);
        skipContext = slice == SliceType.B ? 24 : 11;
        intraContext = slice == SliceType.B ? 32 : 17;
    }

    /**
     * @param previousQp the quantiser of the macroblock before
     * @param previousDelta whether that one changed it
     */
    void write(Bins bins, Macroblock m, int previousQp, boolean previousDelta) {
        int mb = grid.mb(m.x, m.y), left = mb - 1, top = mb - grid.mbStride;
        if (slice != SliceType.I) {
            boolean skip = m.type == MbType.SKIP;
            bins.bin(skipContext + (isCoded(left) ? 1 : 0) + (isCoded(top) ? 1 : 0), skip ? 1 : 0);
            if (skip) return;
        }
        if (m.type.isIntra()) writeIntra(bins, m, left, top);
        else writeInter(bins, m, left, top);
        if (m.type != MbType.INTRA_16X16) writeCbp(bins, m.cbp, left, top);
        if (!m.type.isIntra() && (m.cbp & 15) != 0) writeTransformSize(bins, m, left, top);
        if (!m.hasResidual()) return;
        writeQpDelta(bins, m.qp - previousQp, previousDelta);
        residual.write(bins, m, mb);
    }

    private boolean isCoded(int mb) {
        return grid.isAvailable(mb) && grid.type[mb] != MbType.SKIP.ordinal();
    }

    private void writeIntra(Bins bins, Macroblock m, int left, int top) {
        boolean nxn = m.type.isIntraNxN(), intraSlice = slice == SliceType.I;
        if (intraSlice) {
            bins.bin(3 + (isNot(left) ? 1 : 0) + (isNot(top) ? 1 : 0), nxn ? 0 : 1);
        } else {
            if (slice == SliceType.P) bins.bin(14, 1);
            else InterTypes.writeIntraPrefix(bins, contextOfB(left, top));
            bins.bin(intraContext, nxn ? 0 : 1);
        }
        if (nxn) {
            writeTransformSize(bins, m, left, top);
            writeIntraModes(bins, m);
        } else {
            int p = intraSlice ? 6 : intraContext + 1,
                    chroma = m.cbp >> 4,
                    further = intraSlice ? 1 : 0; // inter slices share some contexts
            bins.terminate(0);
            bins.bin(p, (m.cbp & 15) != 0 ? 1 : 0);
            bins.bin(p + 1, chroma != 0 ? 1 : 0);
            if (chroma != 0) bins.bin(p + 1 + further, chroma - 1);
            bins.bin(p + 2 + further, m.intra16x16Mode >> 1);
            bins.bin(p + 2 + 2 * further, m.intra16x16Mode & 1);
        }
        if (grid.format == ChromaFormat.YUV420) writeChromaMode(bins, m, left, top);
    }

    private void writeChromaMode(Bins bins, Macroblock m, int left, int top) {
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

    /** How many neighbours are coded in a B slice with a type other than direct. */
    private int contextOfB(int left, int top) {
        return (isCoded(left) && grid.type[left] != MbType.DIRECT.ordinal() ? 1 : 0)
                + (isCoded(top) && grid.type[top] != MbType.DIRECT.ordinal() ? 1 : 0);
    }

    private void writeInter(Bins bins, Macroblock m, int left, int top) {
        if (slice == SliceType.P) InterTypes.writeP(bins, m);
        else InterTypes.writeB(bins, m, contextOfB(left, top));
        if (m.type == MbType.DIRECT) return;
        int at8 = grid.at8(m.x, m.y), lists = slice == SliceType.P ? 1 : 2;
        for (int list = 0; list < lists; list++)
            if (references[list] > 1)
                for (int q = 0; q < 4; q++)
                    if (isCodedIn(m, list, q))
                        writeRef(bins, list, at8 + (q >> 1) * grid.stride8 + (q & 1), m.ref[list][q]);
        for (int list = 0; list < lists; list++)
            for (int q = 0; q < 4; q++)
                if (isCodedIn(m, list, q)) writeVector(bins, m, list, q, at8 + (q >> 1) * grid.stride8 + (q & 1));
    }

    private static boolean isCodedIn(Macroblock m, int list, int q) {
        return m.type.startsPartition(q) && m.ref[list][q] >= 0 && !m.direct[q];
    }

    private void writeVector(Bins bins, Macroblock m, int list, int q, int at) {
        prediction.predict(m.type, m.x, m.y, q, list, m.ref[list][q]);
        short[] across = grid.dx[list], down = grid.dy[list];
        int dx = m.mx[list][q] - prediction.x, dy = m.my[list][q] - prediction.y;
        writeMvd(bins, 40, dx, across[at - 1] + across[at - grid.stride8]);
        writeMvd(bins, 47, dy, down[at - 1] + down[at - grid.stride8]);
        for (int j = 0; j < m.type.partitionHeight(); j++)
            for (int i = 0; i < m.type.partitionWidth(); i++) {
                across[at + j * grid.stride8 + i] = (short) Math.abs(dx);
                down[at + j * grid.stride8 + i] = (short) Math.abs(dy);
            }
    }

    private void writeRef(Bins bins, int list, int at, int ref) {
        int context = 54 + (isLater(list, at - 1) ? 1 : 0) + (isLater(list, at - grid.stride8) ? 2 : 0);
        for (int i = 0; i < ref; i++) {
            bins.bin(context, 1);
            context = i == 0 ? 58 : 59;
        }
        bins.bin(context, 0);
    }

    /** Whether a quarter is coded with a reference index above 0. */
    private boolean isLater(int list, int at) {
        return grid.ref[list][at] > 0 && grid.direct[at] == 0;
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
        if (grid.format == ChromaFormat.YUV444) return;
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
}
