package wanvae.video.h264;

/** How many samples of Cb and Cr a picture has (table 6-1), and what depends on it. */
public enum ChromaFormat {
    /** Half as many columns and rows as luma, coded in a way of their own: High profile. */
    YUV420(1, 100, 2, 1, 460, -1, 1250),
    /** As many as of luma, and coded as luma is: High 4:4:4 Predictive profile. */
    YUV444(3, 244, 1, 3, 1024, 4, 4000);

    /** chroma_format_idc. */
    public final int idc;

    /** profile_idc. */
    final int profile;
    /** Samples of luma for each one of Cb and of Cr, across and down. */
    final int step;
    /** How many planes are coded as luma is, luma being the first. */
    final int likeLuma;
    /** How many contexts of CABAC there are: those of 4:4:4 follow those of 4:2:0. */
    final int contexts;
    /**
     * chroma_qp_index_offset. In 4:2:0 it keeps as much of Cb and Cr as x264 does. In 4:4:4 it is what x264 arrives at: at
     * luma's own quantiser, Cb and Cr would take bits that luma makes better use of.
     */
    final int qpOffset;
    /** {@code [qp]}: {@link #errorWeight}. */
    private final double[] errorWeight = new double[52];
    /** cpbBrVclFactor (table A-2): the bits in a unit of table A-1's bit rates and buffers. */
    final int rateUnit;

    ChromaFormat(int idc, int profile, int step, int likeLuma, int contexts, int qpOffset, int rateUnit) {
        this.idc = idc;
        this.profile = profile;
        this.step = step;
        this.likeLuma = likeLuma;
        this.contexts = contexts;
        this.qpOffset = qpOffset;
        this.rateUnit = rateUnit;
        for (int qp = 0; qp < 52; qp++) errorWeight[qp] = StrictMath.pow(2, Math.max(0, qp - chromaQp(qp)) / 9.0);
    }

    /** How many samples of Cb and Cr cover so many of luma in a row or a column. */
    int size(int luma) {
        return Math.ceilDiv(luma, step);
    }

    /** Of all planes in a macroblock. */
    int samples() {
        return 256 + 2 * size(16) * size(16);
    }

    /** The quantiser of Cb and Cr beside one of luma. */
    int chromaQp(int qp) {
        return Quantizer.chromaQp(Math.clamp(qp + qpOffset, 0, 51));
    }

    /**
     * What a squared error of Cb or Cr weighs beside one of luma, more the finer their quantiser is than luma's. It is the
     * cube root of the ratio of the squared steps: all of the ratio would take too many bits from luma at coarse quantisers.
     */
    double errorWeight(int qp) {
        return errorWeight[qp];
    }
}
