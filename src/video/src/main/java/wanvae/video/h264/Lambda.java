package wanvae.video.h264;

/** What a bit is worth at a quantiser, in units of distortion. */
final class Lambda {
    /** For sums of absolute (transformed) differences, in 1/256. */
    static final int[] SATD = new int[52];

    private static final double[] SSD = new double[52], SSD_I = new double[52];

    static {
        for (int qp = 0; qp < 52; qp++) {
            SATD[qp] = Math.max(1, (int) Math.rint(256 * StrictMath.pow(2, (qp - 12) / 6.0)));
            double coarse = 0.85 * StrictMath.pow(2, (qp - 12) / 3.0) / BinCounter.BIT;
            SSD[qp] = coarse * StrictMath.pow(0.8, Math.clamp((30 - qp) / 10.0, 0, 1));
            SSD_I[qp] = SSD[qp] * StrictMath.pow(0.55, Math.max(0, qp - 20) / 20.0);
        }
    }

    private Lambda() {}

    /**
     * By quantiser, for sums of squared differences, {@link BinCounter#BIT} being a bit. At fine quantisers a bit is worth less
     * than at coarse ones: a level makes the contexts cheaper for the many that follow. In I pictures, which others repeat, it
     * is worth less the coarser the quantiser: little is coded later that would mend what is lost.
     */
    static double[] ssd(SliceType slice) {
        return slice == SliceType.I ? SSD_I : SSD;
    }
}
