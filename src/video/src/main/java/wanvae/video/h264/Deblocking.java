package wanvae.video.h264;

import org.jcodec.codecs.h264.decode.deblock.DeblockingFilter;

/**
 * The in-loop deblocking filter (8.7) with offsets 0, over a whole picture once all its macroblocks are reconstructed.
 */
final class Deblocking {
    private final MbGrid grid;
    private final Reconstruction picture;
    private final ChromaFormat format;
    private final int[] strength = new int[4];

    private Deblocking(MbGrid grid, Reconstruction picture) {
        this.grid = grid;
        this.picture = picture;
        format = grid.format;
    }

    static void filter(MbGrid grid, Reconstruction picture) {
        Deblocking filter = new Deblocking(grid, picture);
        for (int y = 0; y < grid.height; y++)
            for (int x = 0; x < grid.width; x++) {
                filter.edges(x, y, true);
                filter.edges(x, y, false);
            }
    }

    /** Filters the vertical edges of a macroblock from left to right, or the horizontal ones from top to bottom. */
    private void edges(int mbX, int mbY, boolean vertical) {
        int mb = grid.mb(mbX, mbY), neighbour = vertical ? mb - 1 : mb - grid.mbStride;
        for (int edge = grid.isAvailable(neighbour) ? 0 : 1; edge < 4; edge++) {
            if (grid.transform8x8[mb] == 1 && (edge & 1) == 1) continue;
            int other = edge == 0 ? neighbour : mb;
            if (!strengths(mbX, mbY, mb, other, edge, vertical)) continue;
            int qp = grid.qp[mb] + grid.qp[other] + 1 >> 1;
            int chromaQp = format.chromaQp(grid.qp[mb]) + format.chromaQp(grid.qp[other]) + 1 >> 1;
            for (int plane = 0; plane < format.likeLuma; plane++)
                lumaEdge(picture.planes[plane][0], mbX, mbY, edge, vertical, plane == 0 ? qp : chromaQp);
            if (format == ChromaFormat.YUV420 && (edge & 1) == 0)
                for (int plane = 1; plane < 3; plane++)
                    chromaEdge(picture.planes[plane][0], mbX, mbY, edge, vertical, chromaQp);
        }
    }

    private void lumaEdge(byte[] samples, int mbX, int mbY, int edge, boolean vertical, int qp) {
        int stride = picture.stride, across = vertical ? 1 : stride, along = vertical ? stride : 1;
        int at = picture.at(16 * mbX, 16 * mbY) + 4 * edge * across;
        for (int i = 0; i < 4; i++)
            if (strength[i] > 0) luma(samples, at + 4 * i * along, across, along, qp, strength[i]);
    }

    private void chromaEdge(byte[] samples, int mbX, int mbY, int edge, boolean vertical, int qp) {
        int stride = picture.chromaStride, across = vertical ? 1 : stride, along = vertical ? stride : 1;
        int at = picture.chromaAt(8 * mbX, 8 * mbY) + 2 * edge * across;
        for (int i = 0; i < 4; i++)
            if (strength[i] > 0) chroma(samples, at + 2 * i * along, across, along, qp, strength[i]);
    }

    /** Finds the filter strengths (8.7.2.1) of the 4 blocks along an edge; false if all are 0. */
    private boolean strengths(int mbX, int mbY, int mb, int other, int edge, boolean vertical) {
        boolean any = false;
        for (int i = 0; i < 4; i++) {
            int column = vertical ? edge : i, row = vertical ? i : edge;
            int q4 = grid.at4(mbX, mbY) + row * grid.stride4 + column, p4 = q4 - (vertical ? 1 : grid.stride4);
            int q8 = grid.at8(mbX, mbY) + (row >> 1) * grid.stride8 + (column >> 1);
            int p8 = (edge & 1) == 1 ? q8 : q8 - (vertical ? 1 : grid.stride8);
            strength[i] = grid.isIntra(mb) || grid.isIntra(other)
                    ? edge == 0 ? 4 : 3
                    : grid.count[0][q4] > 0 || grid.count[0][p4] > 0
                            ? 2
                            : movesApart(0, q8, p8) || movesApart(1, q8, p8) ? 1 : 0;
            any |= strength[i] > 0;
        }
        return any;
    }

    /** Whether two quarters differ in a list's reference, or by a whole sample of motion; no picture is in both lists. */
    private boolean movesApart(int list, int q, int p) {
        return grid.ref[list][q] != grid.ref[list][p]
                || Math.abs(grid.mx[list][q] - grid.mx[list][p]) >= 4
                || Math.abs(grid.my[list][q] - grid.my[list][p]) >= 4;
    }

    private static void luma(byte[] s, int at, int across, int along, int qp, int strength) {
        int alpha = DeblockingFilter.alphaTab[qp], beta = DeblockingFilter.betaTab[qp];
        if (alpha == 0) return;
        int limit = strength < 4 ? DeblockingFilter.tcs[strength - 1][qp] : 0;
        for (int i = 0; i < 4; i++, at += along) {
            int p0 = s[at - across] & 0xFF,
                    p1 = s[at - 2 * across] & 0xFF,
                    q0 = s[at] & 0xFF,
                    q1 = s[at + across] & 0xFF;
            if (Math.abs(p0 - q0) >= alpha || Math.abs(p1 - p0) >= beta || Math.abs(q1 - q0) >= beta) continue;
            int p2 = s[at - 3 * across] & 0xFF, q2 = s[at + 2 * across] & 0xFF;
            boolean smoothP = Math.abs(p2 - p0) < beta, smoothQ = Math.abs(q2 - q0) < beta;
            if (strength < 4) {
                int most = limit + (smoothP ? 1 : 0) + (smoothQ ? 1 : 0);
                int delta = Math.clamp((q0 - p0 << 2) + p1 - q1 + 4 >> 3, -most, most);
                s[at - across] = clip(p0 + delta);
                s[at] = clip(q0 - delta);
                if (smoothP)
                    s[at - 2 * across] = (byte) (p1 + Math.clamp(p2 + (p0 + q0 + 1 >> 1) - 2 * p1 >> 1, -limit, limit));
                if (smoothQ)
                    s[at + across] = (byte) (q1 + Math.clamp(q2 + (p0 + q0 + 1 >> 1) - 2 * q1 >> 1, -limit, limit));
                continue;
            }
            boolean flat = Math.abs(p0 - q0) < (alpha >> 2) + 2;
            if (flat && smoothP) {
                int p3 = s[at - 4 * across] & 0xFF;
                s[at - across] = (byte) (p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4 >> 3);
                s[at - 2 * across] = (byte) (p2 + p1 + p0 + q0 + 2 >> 2);
                s[at - 3 * across] = (byte) (2 * p3 + 3 * p2 + p1 + p0 + q0 + 4 >> 3);
            } else s[at - across] = (byte) (2 * p1 + p0 + q1 + 2 >> 2);
            if (flat && smoothQ) {
                int q3 = s[at + 3 * across] & 0xFF;
                s[at] = (byte) (p1 + 2 * p0 + 2 * q0 + 2 * q1 + q2 + 4 >> 3);
                s[at + across] = (byte) (p0 + q0 + q1 + q2 + 2 >> 2);
                s[at + 2 * across] = (byte) (2 * q3 + 3 * q2 + q1 + q0 + p0 + 4 >> 3);
            } else s[at] = (byte) (2 * q1 + q0 + p1 + 2 >> 2);
        }
    }

    private static void chroma(byte[] s, int at, int across, int along, int qp, int strength) {
        int alpha = DeblockingFilter.alphaTab[qp], beta = DeblockingFilter.betaTab[qp];
        if (alpha == 0) return;
        for (int i = 0; i < 2; i++, at += along) {
            int p0 = s[at - across] & 0xFF,
                    p1 = s[at - 2 * across] & 0xFF,
                    q0 = s[at] & 0xFF,
                    q1 = s[at + across] & 0xFF;
            if (Math.abs(p0 - q0) >= alpha || Math.abs(p1 - p0) >= beta || Math.abs(q1 - q0) >= beta) continue;
            if (strength == 4) {
                s[at - across] = (byte) (2 * p1 + p0 + q1 + 2 >> 2);
                s[at] = (byte) (2 * q1 + q0 + p1 + 2 >> 2);
            } else {
                int most = DeblockingFilter.tcs[strength - 1][qp] + 1;
                int delta = Math.clamp((q0 - p0 << 2) + p1 - q1 + 4 >> 3, -most, most);
                s[at - across] = clip(p0 + delta);
                s[at] = clip(q0 - delta);
            }
        }
    }

    private static byte clip(int x) {
        return (byte) Math.max(0, Math.min(255, x));
    }
}
