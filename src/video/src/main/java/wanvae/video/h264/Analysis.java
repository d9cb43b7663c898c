package wanvae.video.h264;

/**
 * What is known of a source picture before it is coded, from its luma at half size, where a macroblock is a block of
 * 8x8: what predicting each from within the picture, and from pictures around it, would leave, and how much detail each
 * has.
 */
final class Analysis {
    static final int SIZE = 8;

    final int width, height;
    /** Of each macroblock in raster order: transformed differences to the best simple prediction within the picture. */
    final int[] intraCost;
    /** Quantiser offset of adaptive quantisation. */
    final float[] aqOffset;
    /** {@link #intraCost} over the factor by which adaptive quantisation widens the step. */
    final double[] weight;

    final Reconstruction half;
    private final int number;
    /** Motion to pictures before and after, by how many pictures they are away. */
    private final HalfMotion[] before = new HalfMotion[Lookahead.FARTHEST + 1], after = new HalfMotion[before.length];

    Analysis(SourcePicture source, int width, int height) {
        this.width = width;
        this.height = height;
        number = source.number;
        int n = width * height;
        intraCost = new int[n];
        aqOffset = AdaptiveQuantization.offsets(source, width, height);
        half = new Reconstruction(SIZE * width, SIZE * height);
        shrink(source.y);
        half.makeReference();
        estimateIntra();
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
        TransformedDifference difference = new TransformedDifference();
        byte[] y = half.y[0];
        for (int row = 0; row < height; row++)
            for (int x = 0; x < width; x++) {
                int at = half.at(SIZE * x, SIZE * row), best = Integer.MAX_VALUE;
                for (int mode = 0; mode < 4; mode++) { // the border makes all of them possible everywhere
                    IntraPrediction.predictChroma(mode, y, half.stride, at, true, true, pred);
                    best = Math.min(best, difference.of(y, at, half.stride, pred, 0, SIZE, SIZE, SIZE));
                }
                intraCost[row * width + x] = best + 5;
            }
    }

    /** Motion to another picture, at most {@link Lookahead#FARTHEST} pictures away. */
    HalfMotion motionTo(Analysis other) {
        HalfMotion[] known = other.number < number ? before : after;
        int distance = Math.abs(other.number - number);
        if (known[distance] == null) known[distance] = new HalfMotion(this, other, distance > 1 ? known[1] : null);
        return known[distance];
    }
}
