package wanvae.video.h264;

/** Motion-compensated prediction of macroblocks (8.4.2), from one picture or as the blend of two. */
final class InterPrediction {
    private final ReferenceLists references;
    private final byte[] otherY = new byte[256], otherU = new byte[64], otherV = new byte[64];

    InterPrediction(ReferenceLists references) {
        this.references = references;
    }

    /** Predicts a macroblock into buffers of 16 and 8 samples a row. */
    void predict(Macroblock m, byte[] y, byte[] u, byte[] v) {
        boolean rows = m.movesAlike(0, 1) && m.movesAlike(2, 3), columns = m.movesAlike(0, 2) && m.movesAlike(1, 3);
        if (rows && columns) part(m, 0, 2, 2, y, u, v);
        else if (rows) {
            part(m, 0, 2, 1, y, u, v);
            part(m, 2, 2, 1, y, u, v);
        } else if (columns) {
            part(m, 0, 1, 2, y, u, v);
            part(m, 1, 1, 2, y, u, v);
        } else for (int q = 0; q < 4; q++) part(m, q, 1, 1, y, u, v);
    }

    /** Predicts {@code w} x {@code h} quarters from quarter {@code q} on. */
    private void part(Macroblock m, int q, int w, int h, byte[] y, byte[] u, byte[] v) {
        int at = 128 * (q >> 1) + 8 * (q & 1), chromaAt = 32 * (q >> 1) + 4 * (q & 1);
        boolean first = m.ref[0][q] >= 0;
        from(m, first ? 0 : 1, q, w, h, y, u, v);
        if (!first || m.ref[1][q] < 0) return;
        from(m, 1, q, w, h, otherY, otherU, otherV);
        int weight = references.weight(m.ref[0][q], m.ref[1][q]);
        Interpolation.blend(y, otherY, at, 16, 8 * w, 8 * h, weight);
        Interpolation.blend(u, otherU, chromaAt, 8, 4 * w, 4 * h, weight);
        Interpolation.blend(v, otherV, chromaAt, 8, 4 * w, 4 * h, weight);
    }

    private void from(Macroblock m, int list, int q, int w, int h, byte[] y, byte[] u, byte[] v) {
        Reconstruction reference = references.get(list, m.ref[list][q]);
        int x = 8 * (q & 1), row = 8 * (q >> 1), mx = m.mx[list][q], my = m.my[list][q];
        Interpolation.luma(reference, 16 * m.x + x, 16 * m.y + row, mx, my, 8 * w, 8 * h, y, 16 * row + x);
        int cx = 8 * m.x + x / 2, cy = 8 * m.y + row / 2, at = 4 * row + x / 2;
        Interpolation.chroma(reference, reference.u, cx, cy, mx, my, 4 * w, 4 * h, u, at);
        Interpolation.chroma(reference, reference.v, cx, cy, mx, my, 4 * w, 4 * h, v, at);
    }
}
