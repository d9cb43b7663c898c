package wanvae.video.h264;

/** Chooses intra prediction modes by transformed differences to the source plus lambda times the bits of the mode. */
final class IntraModes {
    private final SourcePicture source;
    /** Luma, and what is coded as luma is. */
    private final byte[][] sources;

    private final Reconstruction picture;
    private final MbGrid grid;
    private final MacroblockCoder coder;
    private final MacroblockWriter writer;
    private final byte[] pred = new byte[256];
    /** Of each mode of a block. */
    private final int[] costs = new int[9];

    /** Of the last choice of a 16x16 mode. */
    int cost;

    IntraModes(
            SourcePicture source, Reconstruction picture, MbGrid grid, MacroblockCoder coder, MacroblockWriter writer) {
        this.source = source;
        sources = source.likeLuma();
        this.picture = picture;
        this.grid = grid;
        this.coder = coder;
        this.writer = writer;
    }

    void choose16x16(Macroblock m) {
        int at = picture.at(16 * m.x, 16 * m.y), from = 16 * m.y * picture.width + 16 * m.x;
        boolean left = m.x > 0, top = m.y > 0;
        m.type = MbType.INTRA_16X16;
        cost = Integer.MAX_VALUE;
        for (int mode = 0; mode < 4; mode++) {
            if (!IntraPrediction.allows16x16(mode, left, top, left && top)) continue;
            int c = 0;
            for (int plane = 0; plane < sources.length; plane++) {
                IntraPrediction.predict16x16(mode, picture.planes[plane][0], picture.stride, at, left, top, pred);
                c += TransformedDifference.of(sources[plane], from, picture.width, pred, 0, 16, 16, 16);
            }
            if (c < cost) {
                cost = c;
                m.intra16x16Mode = mode;
            }
        }
    }

    /** Chooses the mode of 4:2:0 chroma. */
    void chooseChroma(Macroblock m) {
        int at = picture.chromaAt(8 * m.x, 8 * m.y),
                stride = picture.chromaStride,
                from = 8 * m.y * (picture.width / 2) + 8 * m.x;
        boolean left = m.x > 0, top = m.y > 0;
        int least = Integer.MAX_VALUE;
        for (int mode = 0; mode < 4; mode++) {
            if (!IntraPrediction.allowsChroma(mode, left, top, left && top)) continue;
            IntraPrediction.predictChroma(mode, picture.planes[1][0], stride, at, left, top, pred);
            int c = TransformedDifference.of(source.planes[1], from, picture.width / 2, pred, 0, 8, 8, 8);
            IntraPrediction.predictChroma(mode, picture.planes[2][0], stride, at, left, top, pred);
            c += TransformedDifference.of(source.planes[2], from, picture.width / 2, pred, 0, 8, 8, 8)
                    + (Lambda.SATD[m.qp] * (mode == 0 ? 1 : 3) >> 8);
            if (c < least) {
                least = c;
                m.chromaMode = mode;
            }
        }
    }

    /** Chooses the modes of all 4x4 or 8x8 blocks and codes them: the next ones are predicted from them. */
    void chooseNxN(Macroblock m) {
        int n = m.type == MbType.INTRA_4X4 ? 4 : 8, step = n / 4;
        m.cbp = 0;
        for (int k = 0; k < 16; k += step * step) {
            int column = Scan.BLOCK_X[k], row = Scan.BLOCK_Y[k], at4 = grid.at4(m.x, m.y) + row * grid.stride4 + column;
            int from = (16 * m.y + 4 * row) * picture.width + 16 * m.x + 4 * column;
            int least = Integer.MAX_VALUE, chosen = 0;
            costModes(m, column, row, n, from, writer.predictedMode(at4));
            for (int mode = 0; mode < 9; mode++)
                if (costs[mode] < least) {
                    least = costs[mode];
                    chosen = mode;
                }
            for (int j = 0; j < step; j++)
                for (int i = 0; i < step; i++) {
                    m.intraModes[4 * (row + j) + column + i] = chosen;
                    grid.intraMode[at4 + j * grid.stride4 + i] = (byte) chosen;
                }
            coder.codeIntraBlock(m, k);
        }
    }

    /** Finds the {@link #costs} of the modes of a 4x4 or 8x8 block, the greatest number for those that cannot be used. */
    private void costModes(Macroblock m, int column, int row, int n, int from, int predicted) {
        for (int plane = 0; plane < sources.length; plane++) {
            IntraPrediction intra = coder.neighbours(plane, m, column, row, n);
            for (int mode = 0; mode < 9; mode++) {
                if (!intra.allows(mode)) {
                    costs[mode] = Integer.MAX_VALUE;
                    continue;
                }
                intra.predict(mode, n, pred, 0);
                int c = n == 4
                        ? BlockCost.satd4x4(sources[plane], from, picture.width, pred, 0, 16)
                        : TransformedDifference.of(sources[plane], from, picture.width, pred, 0, 16, 8, 8);
                costs[mode] = c + (plane > 0 ? costs[mode] : Lambda.SATD[m.qp] * (mode == predicted ? 1 : 4) >> 8);
            }
        }
    }
}
