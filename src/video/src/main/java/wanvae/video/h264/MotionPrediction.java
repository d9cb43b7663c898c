package wanvae.video.h264;

import java.util.Arrays;

/**
 * Predicts motion vectors from the neighbours' (8.4.1). The result of the last prediction is in {@link #x} and {@link
 * #y}.
 */
final class MotionPrediction {
    private final MbGrid grid;
    int x, y;

    MotionPrediction(MbGrid grid) {
        this.grid = grid;
    }

    /** For the partition of a macroblock that starts at quarter {@code q}. */
    void predict(MbType type, int mbX, int mbY, int q, int list, int ref) {
        byte[] refs = grid.ref[list];
        int stride = grid.stride8, width = type.partitionWidth();
        int at = grid.at8(mbX, mbY) + (q >> 1) * stride + (q & 1);
        int a = at - 1, b = at - stride, c = diagonal(at, width, q >= 2 && (q & 1) + width == 2, refs);
        if (type == MbType.INTER_16X8) {
            int preferred = q == 0 ? b : a;
            if (refs[preferred] == ref) {
                take(list, preferred);
                return;
            }
        } else if (type == MbType.INTER_8X16) {
            int preferred = q == 0 ? a : c;
            if (refs[preferred] == ref) {
                take(list, preferred);
                return;
            }
        }
        median(list, ref, a, b, c);
    }

    /** The neighbour above to the right, or above to the left where that one is missing or coded later. */
    private int diagonal(int at, int width, boolean later, byte[] refs) {
        int c = at - grid.stride8 + width;
        return later || refs[c] == MbGrid.NO_NEIGHBOUR ? at - grid.stride8 - 1 : c;
    }

    private void median(int list, int ref, int a, int b, int c) {
        byte[] refs = grid.ref[list];
        short[] mx = grid.mx[list], my = grid.my[list];
        boolean onlyA =
                refs[b] == MbGrid.NO_NEIGHBOUR && refs[c] == MbGrid.NO_NEIGHBOUR && refs[a] != MbGrid.NO_NEIGHBOUR;
        int same = (refs[a] == ref ? 1 : 0) + (refs[b] == ref ? 1 : 0) + (refs[c] == ref ? 1 : 0);
        if (onlyA) take(list, a);
        else if (same == 1) take(list, refs[a] == ref ? a : refs[b] == ref ? b : c);
        else {
            x = median(mx[a], mx[b], mx[c]);
            y = median(my[a], my[b], my[c]);
        }
    }

    /** For a macroblock skipped in a P slice (8.4.1.1). */
    void predictSkip(int mbX, int mbY) {
        int at = grid.at8(mbX, mbY), a = at - 1, b = at - grid.stride8;
        byte[] refs = grid.ref[0];
        if (refs[a] == MbGrid.NO_NEIGHBOUR || refs[b] == MbGrid.NO_NEIGHBOUR || isStill(a) || isStill(b)) {
            x = 0;
            y = 0;
        } else predict(MbType.INTER_16X16, mbX, mbY, 0, 0, 0);
    }

    private boolean isStill(int i) {
        return grid.ref[0][i] == 0 && grid.mx[0][i] == 0 && grid.my[0][i] == 0;
    }

    /**
     * Sets the motion of all quarters of {@code m} as direct mode derives it in space (8.4.1.2.2).
     *
     * @param still of the first picture of list 1, see {@link Reconstruction#still}
     */
    void predictDirect(Macroblock m, boolean[] still) {
        int at = grid.at8(m.x, m.y), a = at - 1, b = at - grid.stride8;
        int ref0 = leastRef(0, at, a, b), ref1 = leastRef(1, at, a, b);
        if (ref0 < 0 && ref1 < 0) {
            for (int q = 0; q < 4; q++) for (int list = 0; list < 2; list++) m.setMotion(list, q, 0, 0, 0);
        } else {
            for (int list = 0; list < 2; list++) {
                int ref = list == 0 ? ref0 : ref1;
                if (ref >= 0) median(list, ref, a, b, diagonal(at, 2, false, grid.ref[list]));
                for (int q = 0; q < 4; q++) {
                    boolean zero =
                            ref < 0 || ref == 0 && still[(2 * m.y + (q >> 1)) * 2 * grid.width + 2 * m.x + (q & 1)];
                    m.setMotion(list, q, zero ? 0 : x, zero ? 0 : y, Math.max(ref, -1));
                }
            }
        }
        Arrays.fill(m.direct, true);
    }

    /** The least reference index of the neighbours that use a list; negative if none does. */
    private int leastRef(int list, int at, int a, int b) {
        byte[] refs = grid.ref[list];
        int c = diagonal(at, 2, false, refs), least = Integer.MAX_VALUE;
        if (refs[a] >= 0) least = refs[a];
        if (refs[b] >= 0) least = Math.min(least, refs[b]);
        if (refs[c] >= 0) least = Math.min(least, refs[c]);
        return least == Integer.MAX_VALUE ? -1 : least;
    }

    private void take(int list, int i) {
        x = grid.mx[list][i];
        y = grid.my[list][i];
    }

    private static int median(int a, int b, int c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
