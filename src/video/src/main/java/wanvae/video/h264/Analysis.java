package wanvae.video.h264;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a source picture before it is coded, from its luma at half size, where a macroblock is a block of
 * 8x8: what predicting each from within the picture, and from pictures around it, would leave, and how much detail each
 * has.
 */
final class Analysis {
    static final int SIZE = 8;
    /** Added to all costs, so that what is left of macroblocks that are predicted well is not overrated. */
    static final int BIAS = 4;
    /** What prediction within the picture takes to code. */
    private static final int INTRA_BITS = 5;

    final int width, height;
    /** Of each macroblock in raster order: transformed differences to the best simple prediction within the picture. */
    final int[] intraCost;
    /** Quantiser offset of adaptive quantisation. */
    final float[] aqOffset;
    /** {@link #intraCost} over the factor by which adaptive quantisation widens the step. */
    final double[] weight;

    final Reconstruction half;
    final int number;
    /** Motion to pictures before and after, by how many pictures they are away. */
    private final HalfMotion[] before = new HalfMotion[Lookahead.FARTHEST + 1], after = new HalfMotion[before.length];

    private final List<HalfCost> costs = new ArrayList<>();

    Analysis(SourcePicture source, int width, int height) {
        this.width = width;
        this.height = height;
        number = source.number;
        int n = width * height;
        intraCost = new int[n];
        aqOffset = AdaptiveQuantization.offsets(source, width, height);
        half = new Reconstruction(ChromaFormat.YUV420, SIZE * width, SIZE * height);
        for (int plane = 0; plane < 4; plane++) shrink(source.y, half.y[plane], plane & 1, plane >> 1);
        half.extendLuma();
        estimateIntra();
        weight = new double[n];
        for (int i = 0; i < n; i++) weight[i] = intraCost[i] * StrictMath.pow(2, -aqOffset[i] / 6);
    }

    /**
     * Means of 2x2 samples; in the half-sample planes, of those that lie one sample further. A picture that moves by whole
     * samples at full size is thus found exactly, however fine its detail.
     */
    private void shrink(byte[] y, byte[] to, int right, int down) {
        int from = 2 * half.width, lastRow = 2 * half.height - 1, last = half.width - 1;
        for (int row = 0; row < half.height; row++) {
            int at = half.at(0, row);
            int a = Math.min(2 * row + down, lastRow) * from + right,
                    b = Math.min(2 * row + down + 1, lastRow) * from + right;
            for (int x = 0; x < last; x++) to[at + x] = mean(y, a + 2 * x, b + 2 * x, 1);
            to[at + last] = mean(y, a + 2 * last, b + 2 * last, 1 - right);
        }
    }

    private static byte mean(byte[] y, int a, int b, int next) {
        return (byte) ((y[a] & 0xFF) + (y[a + next] & 0xFF) + (y[b] & 0xFF) + (y[b + next] & 0xFF) + 2 >> 2);
    }

    private void estimateIntra() {
        byte[] pred = new byte[256];
        IntraPrediction intra = new IntraPrediction();
        byte[] y = half.y[0];
        for (int row = 0; row < height; row++)
            for (int x = 0; x < width; x++) { // the border makes all modes possible everywhere
                int at = half.at(SIZE * x, SIZE * row), best = Integer.MAX_VALUE;
                for (int mode = 0; mode < 4; mode++) {
                    IntraPrediction.predictChroma(mode, y, half.stride, at, true, true, pred);
                    best = Math.min(best, TransformedDifference.of(y, at, half.stride, pred, 0, SIZE, SIZE, SIZE));
                }
                intra.neighbours(y, half.stride, at, SIZE, true, true, true, true);
                for (int mode = IntraPrediction.DC + 1; mode < 9; mode++) {
                    intra.predict(mode, SIZE, pred, 0);
                    best = Math.min(best, TransformedDifference.of(y, at, half.stride, pred, 0, 16, SIZE, SIZE));
                }
                intraCost[row * width + x] = best + INTRA_BITS + BIAS;
            }
    }

    /** What is left of it if it lies between two pictures; as a P picture, if {@code later} is null. */
    HalfCost costBetween(Analysis earlier, Analysis later) {
        for (HalfCost cost : costs) if (cost.before == earlier && cost.after == later) return cost;
        HalfCost cost = new HalfCost(this, earlier, later);
        costs.add(cost);
        return cost;
    }

    /** Lets go of what it was compared with, once it is decided what kind of picture it becomes. */
    void forgetCosts() {
        costs.clear();
    }

    /** Whether a macroblock that moves by quarter samples of half size stays within the border. */
    boolean reaches(int x, int y, int mx, int my) {
        int column = SIZE * x + (mx >> 2), row = SIZE * y + (my >> 2), most = Reconstruction.BORDER - SIZE - 1;
        return column >= -most && row >= -most && column < half.width + most && row < half.height + most;
    }

    /** Motion to another picture, at most {@link Lookahead#FARTHEST} pictures away. */
    HalfMotion motionTo(Analysis other) {
        HalfMotion[] known = other.number < number ? before : after;
        int distance = Math.abs(other.number - number);
        if (known[distance] == null)
            known[distance] = distance > 1
                    ? new HalfMotion(this, other, known[1], null)
                    : new HalfMotion(this, other, null, (other.number < number ? other : this).before[1]);
        return known[distance];
    }
}
