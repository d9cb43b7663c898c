package wanvae.video.h264;

/** The residual of a macroblock in CABAC (7.3.5.3): which blocks have levels, and the levels. */
final class MacroblockResidualWriter {
    private final MbGrid grid;

    MacroblockResidualWriter(MbGrid grid) {
        this.grid = grid;
    }

    /** @param mb of the macroblock in the grid */
    void write(Bins bins, Macroblock m, int mb) {
        for (int plane = 0; plane < m.planes.length; plane++) writePlane(bins, m, mb, plane);
        if (m.chroma != null && m.cbp >> 4 != 0) writeChroma(bins, m, mb);
    }

    /** A plane that is coded as luma is. */
    private void writePlane(Bins bins, Macroblock m, int mb, int plane) {
        CodedPlane coded = m.planes[plane];
        boolean intra = m.type.isIntra(), intra16 = m.type == MbType.INTRA_16X16;
        if (intra16 && writeDcCoded(bins, ResidualWriter.DC[plane], mb, plane, intra, coded.dcCount > 0))
            ResidualWriter.write(bins, ResidualWriter.DC[plane], coded.dc, 0, 16);
        for (int k = 0; k < 16; k++) {
            if ((m.cbp >> (k >> 2) & 1) == 0) continue;
            if (m.transform8x8) {
                if ((k & 3) == 0) write8x8(bins, m, mb, plane, k);
                continue;
            }
            int at = grid.at4(m.x, m.y) + Scan.BLOCK_Y[k] * grid.stride4 + Scan.BLOCK_X[k];
            int category = intra16 ? ResidualWriter.AC[plane] : ResidualWriter.BLOCK_4X4[plane];
            int first = intra16 ? 1 : 0;
            if (writeCoded(bins, category, grid.count[plane], at, grid.stride4, intra, coded.count[k] > 0))
                ResidualWriter.write(bins, category, coded.levels[k], first, 16 - first);
        }
    }

    /** In 4:2:0 an 8x8 block has levels if the coded block pattern says so; in 4:4:4 that may mean another plane. */
    private void write8x8(Bins bins, Macroblock m, int mb, int plane, int k) {
        int category = ResidualWriter.BLOCK_8X8[plane], row = Scan.BLOCK_Y[k], column = Scan.BLOCK_X[k];
        if (grid.format == ChromaFormat.YUV444) {
            int at = grid.at4(m.x, m.y) + row * grid.stride4 + column, unavailable = m.type.isIntra() ? 1 : 0;
            int a = has8x8Levels(plane, column > 0 ? mb : mb - 1, at - 1, unavailable);
            int b = has8x8Levels(plane, row > 0 ? mb : mb - grid.mbStride, at - grid.stride4, unavailable);
            boolean coded = m.planes[plane].count[k] > 0;
            bins.bin(ResidualWriter.CODED[category] + a + 2 * b, coded ? 1 : 0);
            if (!coded) return;
        }
        ResidualWriter.write(bins, category, m.planes[plane].levels8x8[k >> 2], 0, 64);
    }

    /** Whether a neighbour of an 8x8 block is one too, and has levels (9.3.3.1.1.9). */
    private int has8x8Levels(int plane, int mb, int at, int unavailable) {
        int count = grid.count[plane][at];
        return count < 0 ? unavailable : count > 0 && grid.transform8x8[mb] == 1 ? 1 : 0;
    }

    private void writeChroma(Bins bins, Macroblock m, int mb) {
        boolean intra = m.type.isIntra();
        for (int plane = 0; plane < 2; plane++)
            if (writeDcCoded(bins, ResidualWriter.CHROMA_DC, mb, 1 + plane, intra, m.chroma.dcCount[plane] > 0))
                ResidualWriter.write(bins, ResidualWriter.CHROMA_DC, m.chroma.dc[plane], 0, 4);
        if (m.cbp >> 4 == 1) return;
        for (int k = 0; k < 8; k++) {
            int at = grid.at8(m.x, m.y) + (k >> 1 & 1) * grid.stride8 + (k & 1);
            byte[] counts = grid.count[1 + (k >> 2)];
            if (writeCoded(bins, ResidualWriter.CHROMA_AC, counts, at, grid.stride8, intra, m.chroma.acCount[k] > 0))
                ResidualWriter.write(bins, ResidualWriter.CHROMA_AC, m.chroma.ac[k], 1, 15);
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
