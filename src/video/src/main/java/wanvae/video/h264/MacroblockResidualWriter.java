package wanvae.video.h264;

/** The residual of a macroblock in CABAC (7.3.5.3): which blocks have levels, and the levels. */
final class MacroblockResidualWriter {
    private final MbGrid grid;

    MacroblockResidualWriter(MbGrid grid) {
        this.grid = grid;
    }

    /** @param mb of the macroblock in the grid */
    void write(Bins bins, Macroblock m, int mb) {
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
