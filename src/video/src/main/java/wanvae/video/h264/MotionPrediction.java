package wanvae.video.h264;

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
    void predict(MbType type, int mbX, int mbY, int q, int ref) {
        int stride = grid.stride8, width = type.partitionWidth();
        int at = grid.at8(mbX, mbY) + (q >> 1) * stride + (q & 1);
        int a = at - 1, b = at - stride, c = at - stride + width;
        boolean later = q >= 2 && (q & 1) + width == 2; // C lies in a macroblock not yet coded
        if (later || grid.ref[c] == MbGrid.NO_NEIGHBOUR) c = at - stride - 1;

        if (type == MbType.P_16X8) {
            int preferred = q == 0 ? b : a;
            if (grid.ref[preferred] == ref) {
                take(preferred);
                return;
            }
        } else if (type == MbType.P_8X16) {
            int preferred = q == 0 ? a : c;
            if (grid.ref[preferred] == ref) {
                take(preferred);
                return;
            }
        }
        boolean onlyA = grid.ref[b] == MbGrid.NO_NEIGHBOUR
                && grid.ref[c] == MbGrid.NO_NEIGHBOUR
                && grid.ref[a] != MbGrid.NO_NEIGHBOUR;
        int same = (grid.ref[a] == ref ? 1 : 0) + (grid.ref[b] == ref ? 1 : 0) + (grid.ref[c] == ref ? 1 : 0);
        if (onlyA) take(a);
        else if (same == 1) take(grid.ref[a] == ref ? a : grid.ref[b] == ref ? b : c);
        else {
            x = median(grid.mx[a], grid.mx[b], grid.mx[c]);
            y = median(grid.my[a], grid.my[b], grid.my[c]);
        }
    }

    /** For a skipped macroblock (8.4.1.1). */
    void predictSkip(int mbX, int mbY) {
        int at = grid.at8(mbX, mbY), a = at - 1, b = at - grid.stride8;
        if (grid.ref[a] == MbGrid.NO_NEIGHBOUR || grid.ref[b] == MbGrid.NO_NEIGHBOUR || isStill(a) || isStill(b)) {
            x = 0;
            y = 0;
        } else predict(MbType.P_16X16, mbX, mbY, 0, 0);
    }

    private boolean isStill(int i) {
        return grid.ref[i] == 0 && grid.mx[i] == 0 && grid.my[i] == 0;
    }

    private void take(int i) {
        x = grid.mx[i];
        y = grid.my[i];
    }

    private static int median(int a, int b, int c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
