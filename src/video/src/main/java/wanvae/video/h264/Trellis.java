package wanvae.video.h264;

import java.util.Arrays;

/**
 * Quantisation that weighs distortion against the bits CABAC takes: the cheapest path (Viterbi) through the levels of a
 * block, from the last coefficient to the first as levels are coded, each being its value rounded or one less. Nodes
 * are the contexts a level can meet. Contexts are taken as they stand before the macroblock.
 */
final class Trellis {
    /** Node 0: no level yet; 1 to 3: so many ones; 4 to 7: one to four levels above one. */
    private static final int NODES = 8;

    private static final int[] FIRST_BIN = {1, 2, 3, 4, 0, 0, 0, 0};
    private static final int[] FURTHER_BINS = {5, 5, 5, 5, 6, 7, 8, 9};
    private static final int[] AFTER_ONE = {1, 2, 3, 3, 4, 5, 6, 7};
    private static final int[] AFTER_MORE = {4, 4, 4, 4, 5, 6, 7, 7};
    /** Square of the quantiser's step, {@code 0.625 * 2^(qp / 6)}, in samples of the orthonormal transform. */
    private static final double[] SQUARED_STEP = new double[52];
    /** By {@code qp / 6}: what coefficients times the quantiser's factor are multiplied with, 4x4 ones. */
    private static final double[] UNIT = new double[9];

    static {
        for (int qp = 0; qp < 52; qp++) SQUARED_STEP[qp] = 0.390625 * StrictMath.pow(2, qp / 3.0);
        for (int i = 0; i < 9; i++) UNIT[i] = StrictMath.scalb(1.0, -15 - i);
    }

    private final BinCounter contexts;
    /** Coefficients in steps, in scan order, without sign. */
    private final double[] steps = new double[64];
    /** {@code [coefficient][node after it]}: the level taken, and the node before. */
    private final int[][] level = new int[64][NODES], from = new int[64][NODES];

    private double[] cost = new double[NODES], next = new double[NODES];
    /** Bits of the nodes that {@link #cost} and {@link #next} have a path to. */
    private int reached, nextReached;
    /** The last coefficient that is at least half a step. */
    private int last;

    Trellis(BinCounter contexts) {
        this.contexts = contexts;
    }

    /**
     * As {@link Quantizer#quantize4x4}, of what is significant with {@link DeadZone#NEAREST}.
     *
     * @param qp       of the block's plane
     * @param lambda   of {@link Lambda#ssd}
     * @param category of {@link ResidualWriter}
     */
    int quantize4x4(
            short[] pair, int at, int significant, int[] levels, int first, int qp, double lambda, int category) {
        if ((significant & Scan.OF_BLOCK & -1 << first) == 0) return 0;
        int[] quant = Quantizer.QUANT4[qp % 6];
        double unit = UNIT[qp / 6];
        for (int k = first; k < 16; k++) {
            int position = Scan.COLUMNS_4X4[k];
            steps[k - first] = Math.abs(pair[at + position]) * quant[position] * unit;
        }
        int nonZero = choose(category, 16 - first, SQUARED_STEP[qp], lambda, levels, first);
        if (nonZero > 0)
            for (int k = first; k <= first + last; k++) if (pair[at + Scan.COLUMNS_4X4[k]] < 0) levels[k] = -levels[k];
        return nonZero;
    }

    /** As {@link Quantizer#quantize8x8}. */
    int quantize8x8(short[] block, int[] levels, int qp, double lambda, int category) {
        if (Quantizer.significant8x8(block, qp, DeadZone.NEAREST) == 0) return 0;
        int[] quant = Quantizer.QUANT8[qp % 6];
        double unit = UNIT[qp / 6] / 2;
        for (int k = 0; k < 64; k++) {
            int position = Scan.COLUMNS_8X8[k];
            steps[k] = Math.abs(block[position]) * quant[position] * unit;
        }
        int nonZero = choose(category, 64, SQUARED_STEP[qp], lambda, levels, 0);
        if (nonZero > 0) for (int k = 0; k <= last; k++) if (block[Scan.COLUMNS_8X8[k]] < 0) levels[k] = -levels[k];
        return nonZero;
    }

    /**
     * Chooses the {@code n} levels of {@link #steps}, one of which is at least a half, without sign; returns how many are
     * not 0.
     */
    private int choose(int category, int n, double squaredStep, double lambda, int[] levels, int first) {
        last = n - 1;
        while (steps[last] < 0.5) last--;
        Arrays.fill(levels, first + last + 1, first + n, 0);
        cost[0] = 0;
        reached = 1;
        for (int i = last; i >= 0; i--) {
            int rounded = (int) (steps[i] + 0.5);
            double asZero = steps[i] * steps[i] * squaredStep;
            // The last coefficient of all has no flag, nor has a zero behind the last level.
            double insignificant =
                    i < n - 1 ? lambda * contexts.cost(ResidualWriter.SIGNIFICANT_CONTEXT[category][i], 0) : 0;
            if (rounded == 0) {
                for (int nodes = reached; nodes != 0; nodes &= nodes - 1) {
                    int node = Integer.numberOfTrailingZeros(nodes);
                    cost[node] += asZero;
                    if (node > 0) cost[node] += insignificant;
                }
                continue;
            }
            nextReached = 0;
            for (int nodes = reached; nodes != 0; nodes &= nodes - 1) {
                int node = Integer.numberOfTrailingZeros(nodes);
                take(i, node, node, 0, cost[node] + asZero + (node > 0 ? insignificant : 0));
            }
            for (int value = rounded; value > 0 && value >= rounded - 1; value--)
                stepLevel(i, n, category, value, (steps[i] - value) * (steps[i] - value) * squaredStep, lambda);
            double[] swap = cost;
            cost = next;
            next = swap;
            reached = nextReached;
        }
        int node = 0;
        for (int k = 1; k < NODES; k++) if ((reached >> k & 1) != 0 && cost[k] < cost[node]) node = k;
        int nonZero = 0;
        for (int i = 0; i <= last; i++) {
            if (steps[i] < 0.5) {
                levels[first + i] = 0;
                continue;
            }
            levels[first + i] = level[i][node];
            if (level[i][node] != 0) nonZero++;
            node = from[i][node];
        }
        return nonZero;
    }

    private void stepLevel(int i, int n, int category, int value, double distortion, double lambda) {
        int notLast = 0, isLast = 0;
        if (i < n - 1) {
            int significant = contexts.cost(ResidualWriter.SIGNIFICANT_CONTEXT[category][i], 1);
            int context = ResidualWriter.LAST_CONTEXT[category][i];
            notLast = significant + contexts.cost(context, 0);
            isLast = significant + contexts.cost(context, 1);
        }
        for (int nodes = reached; nodes != 0; nodes &= nodes - 1) {
            int node = Integer.numberOfTrailingZeros(nodes);
            int bits = (node == 0 ? isLast : notLast) + levelBits(category, node, value);
            take(
                    i,
                    node,
                    value == 1 ? AFTER_ONE[node] : AFTER_MORE[node],
                    value,
                    cost[node] + distortion + lambda * bits);
        }
    }

    private void take(int i, int before, int after, int value, double total) {
        if ((nextReached >> after & 1) != 0 && total >= next[after]) return;
        nextReached |= 1 << after;
        next[after] = total;
        level[i][after] = value;
        from[i][after] = before;
    }

    /** What a level and its sign cost, {@link BinCounter#BIT} for a bit. */
    private int levelBits(int category, int node, int value) {
        int base = ResidualWriter.LEVEL[category], one = base + FIRST_BIN[node], more = base + FURTHER_BINS[node];
        if (value == 1) return contexts.cost(one, 0) + BinCounter.BIT;
        int bits = contexts.cost(one, 1) + BinCounter.BIT + Math.min(value - 2, 13) * contexts.cost(more, 1);
        if (value < 15) return bits + contexts.cost(more, 0);
        int suffix = 31 - Integer.numberOfLeadingZeros(value - 14);
        return bits + (2 * suffix + 1) * BinCounter.BIT;
    }
}
