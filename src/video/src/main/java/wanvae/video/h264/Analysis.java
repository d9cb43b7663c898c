package wanvae.video.h264;

/**
 * What is known of a source picture before it is coded, from its luma at half size, where a macroblock is a block of
 * 8x8: what predicting each from within the picture and from the picture before would leave, and how much detail each
 * has.
 */
final class Analysis {
    private static final int SIZE = 8;

    /** Of each macroblock in raster order: transformed differences to the best simple prediction within the picture. */
    final int[] intraCost;
    /** To the best prediction from the picture before, at most {@link #intraCost}; the same where there is none. */
    final int[] interCost;
    /** The motion of that prediction, in quarter samples of the half-size picture. */
    final short[] mx, my;
    /** Quantiser offset of adaptive quantisation. */
    final float[] aqOffset;

    final int width, height;

    /** {@link #intraCost} over the factor by which adaptive quantisation widens the step. */
    final double[] weight;

    /** What share of the intra cost the picture before leaves of this one, and the one before that left of that one. */
    private final double unexplained, unexplainedBefore;
    /** Until the next picture has been compared with it. */
    private Picture half;

    /** @param previous the analysis of the picture before, or null; it can be compared with no other one afterwards */
    Analysis(SourcePicture source, int width, int height, Analysis previous) {
        this.width = width;
        this.height = height;
        int n = width * height;
        intraCost = new int[n];
        interCost = new int[n];
        mx = new short[n];
        my = new short[n];
        aqOffset = AdaptiveQuantization.offsets(source, width, height);
        half = new Picture(SIZE * width, SIZE * height);
        shrink(source.y);
        half.makeReference();
        estimateIntra();
        if (previous == null) System.arraycopy(intraCost, 0, interCost, 0, n);
        else {
            estimateInter(previous.half);
            previous.half = null;
        }
        unexplained = (double) complexity(false) / complexity(true);
        unexplainedBefore = previous == null ? 1 : previous.unexplained;
        weight = new double[n];
        for (int i = 0; i < n; i++) weight[i] = intraCost[i] * StrictMath.pow(2, -aqOffset[i] / 6);
    }

    /** Means of 2x2 samples. */
    private void shrink(byte[] y) {
        int stride = 2 * half.width;
        for (int row = 0; row < half.height; row++)
            for (int x = 0, from = 2 * row * stride, to = half.at(0, row); x < half.width; x++, from += 2)
                half.y[0][to + x] = (byte) ((y[from] & 0xFF)
                                + (y[from + 1] & 0xFF)
                                + (y[from + stride] & 0xFF)
                                + (y[from + stride + 1] & 0xFF)
                                + 2
                        >> 2);
    }

    private void estimateIntra() {
        byte[] pred = new byte[256];
        byte[] y = half.y[0];
        for (int row = 0; row < height; row++)
            for (int x = 0; x < width; x++) {
                int at = half.at(SIZE * x, SIZE * row), best = Integer.MAX_VALUE;
                for (int mode = 0; mode < 4; mode++) { // the border makes all of them possible everywhere
                    IntraPrediction.predictChroma(mode, y, half.stride, at, true, true, pred);
                    best = Math.min(best, BlockCost.satd(y, at, half.stride, pred, 0, SIZE, SIZE, SIZE));
                }
                intraCost[row * width + x] = best + 4;
            }
    }

    private void estimateInter(Picture previous) {
        MotionSearch search = new MotionSearch(half.y[0], half.at(0, 0), half.stride, half.width, half.height);
        int[] starts = new int[8];
        for (int row = 0; row < height; row++)
            for (int x = 0; x < width; x++) {
                int i = row * width + x, n = 0;
                for (int neighbour : new int[] {
                    x > 0 ? i - 1 : -1, row > 0 ? i - width : -1, row > 0 && x < width - 1 ? i - width + 1 : -1
                })
                    if (neighbour >= 0) {
                        starts[2 * n] = mx[neighbour];
                        starts[2 * n++ + 1] = my[neighbour];
                    }
                int px = n > 0 ? starts[0] : 0, py = n > 0 ? starts[1] : 0;
                search.search(previous, SIZE * x, SIZE * row, SIZE, SIZE, px, py, 256, starts, n);
                interCost[i] = Math.min(search.cost, intraCost[i]);
                mx[i] = (short) search.mx;
                my[i] = (short) search.my;
            }
    }

    /** Sum over the picture, without its rim, where predictions are poor, unless it is small. */
    private long sum(int[] costs) {
        int rim = width > 4 && height > 4 ? 1 : 0;
        long sum = 0;
        for (int y = rim; y < height - rim; y++) for (int x = rim; x < width - rim; x++) sum += costs[y * width + x];
        return sum;
    }

    /** Transformed differences left in all, if the picture refers to the one before or does not. */
    long complexity(boolean intra) {
        return sum(intra ? intraCost : interCost);
    }

    /** Whether the picture shows something new: of a sudden, predicting it from the one before explains little. */
    boolean isSceneCut() {
        return unexplained > 0.6 && unexplained > 1.5 * unexplainedBefore;
    }
}
