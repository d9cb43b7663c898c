package wanvae.video.h264;

/** Motion-compensated prediction of macroblocks (8.4.2), from one picture or as the blend of two. */
final class InterPrediction {
    private final ReferenceLists references;
    /** Of the second of two pictures. */
    private final byte[] other = new byte[256];

    InterPrediction(ReferenceLists references) {
        this.references = references;
    }

    /** Predicts the samples of a macroblock's planes. */
    void predict(Macroblock m) {
        boolean rows = m.movesAlike(0, 1) && m.movesAlike(2, 3), columns = m.movesAlike(0, 2) && m.movesAlike(1, 3);
        if (rows && columns) part(m, 0, 2, 2);
        else if (rows) {
            part(m, 0, 2, 1);
            part(m, 2, 2, 1);
        } else if (columns) {
            part(m, 0, 1, 2);
            part(m, 1, 1, 2);
        } else for (int q = 0; q < 4; q++) part(m, q, 1, 1);
    }

    /** Predicts {@code w} x {@code h} quarters from quarter {@code q} on. */
    private void part(Macroblock m, int q, int w, int h) {
        int first = m.ref[0][q] >= 0 ? 0 : 1;
        boolean both = first == 0 && m.ref[1][q] >= 0;
        int weight = both ? references.weight(m.ref[0][q], m.ref[1][q]) : 0;
        for (int plane = 0; plane < m.planes.length; plane++) {
            byte[] pred = m.planes[plane].pred;
            likeLuma(m, plane, first, q, w, h, pred);
            if (!both) continue;
            likeLuma(m, plane, 1, q, w, h, other);
            Interpolation.blend(pred, other, 128 * (q >> 1) + 8 * (q & 1), 16, 8 * w, 8 * h, weight);
        }
        if (m.chroma == null) return;
        for (int plane = 0; plane < 2; plane++) {
            byte[] pred = m.chroma.pred[plane];
            chroma(m, plane, first, q, w, h, pred);
            if (!both) continue;
            chroma(m, plane, 1, q, w, h, other);
            Interpolation.blend(pred, other, 32 * (q >> 1) + 4 * (q & 1), 8, 4 * w, 4 * h, weight);
        }
    }

    private void likeLuma(Macroblock m, int plane, int list, int q, int w, int h, byte[] out) {
        Reconstruction reference = references.get(list, m.ref[list][q]);
        int x = 8 * (q & 1), y = 8 * (q >> 1), mx = m.mx[list][q], my = m.my[list][q];
        Interpolation.luma(
                reference, reference.planes[plane], 16 * m.x + x, 16 * m.y + y, mx, my, 8 * w, 8 * h, out, 16 * y + x);
    }

    private void chroma(Macroblock m, int plane, int list, int q, int w, int h, byte[] out) {
        Reconstruction reference = references.get(list, m.ref[list][q]);
        int x = 4 * (q & 1), y = 4 * (q >> 1), mx = m.mx[list][q], my = m.my[list][q];
        Interpolation.chroma(
                reference,
                reference.planes[1 + plane][0],
                8 * m.x + x,
                8 * m.y + y,
                mx,
                my,
                4 * w,
                4 * h,
                out,
                8 * y + x);
    }
}
