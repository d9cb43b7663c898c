package wanvae.video.h264;

/** What a bit is worth at a quantiser, in units of distortion. */
final class Lambda {
    /** For sums of absolute (transformed) differences, in 1/256. */
    static final int[] SATD = new int[52];

    private static final double[] SSD = new double[52], SSD_I = new double[52];

    static {
        for (int qp = 0; qp < 52; qp++) {
            SATD[qp] = Math.max(1, (int) Math.rint(256 * StrictMath.pow(2, (qp - 12) / 6.0)));
            double fine = 0.85 * StrictMath.pow(2, (qp - 12) / 3.0) / BinCounter.BIT;
            double coarseness = Math.max(0, qp - 20) / 20.0;
            SSD[qp] = fine * StrictMath.pow(0.85, coarseness);
            SSD_I[qp] = fine * StrictMath.pow(0.55, coarseness);
        }
    }

    private Lambda() {}

    /**
     * By quantiser, for sums of squared differences, {@link BinCounter#BIT} being a bit. The coarser the quantiser, the less a
     * bit is worth: little is coded later that would mend what is lost, least of all in I pictures, which others repeat.
     */
    static double[] ssd(SliceType slice) {
        return slice == SliceType.I ? SSD_I : SSD;
    }
}
