package wanvae.video.h264;

/** What a bit is worth at a quantiser, in units of distortion. */
final class Lambda {
    /** For sums of absolute (transformed) differences, in 1/256. */
    static final int[] SATD = new int[52];
    /** For sums of squared differences, a bit being {@link BinCounter#BIT}. */
    static final double[] SSD = new double[52];

    static {
        for (int qp = 0; qp < 52; qp++) {
            SATD[qp] = Math.max(1, (int) Math.rint(256 * StrictMath.pow(2, (qp - 12) / 6.0)));
            SSD[qp] = 0.85 * StrictMath.pow(2, (qp - 12) / 3.0) / BinCounter.BIT;
        }
    }

    private Lambda() {}
}
