package wanvae.video.h264;

/** How many samples of Cb and Cr a picture has (table 6-1), and what depends on it. */
public enum ChromaFormat {
    /** Half as many columns and rows as luma, coded in a way of their own: High profile. */
    YUV420(1, 100, 2, 1, 0, 1250),
    /** As many as of luma, and coded as luma is: High 4:4:4 Predictive profile. */
    YUV444(3, 244, 1, 3, 4, 4000);

    /** chroma_format_idc. */
    public final int idc;

    /** profile_idc. */
    final int profile;
    /** Samples of luma for each one of Cb and of Cr, across and down. */
    final int step;
    /** How many planes are coded as luma is, luma being the first. */
    final int likeLuma;
    /** chroma_qp_index_offset. */
    final int qpOffset;
    /** What the units of bit rates and buffers in table A-1 are in this profile: cpbBrNalFactor without its NAL units. */
    final int rateUnit;

    ChromaFormat(int idc, int profile, int step, int likeLuma, int qpOffset, int rateUnit) {
        this.idc = idc;
        this.profile = profile;
        this.step = step;
        this.likeLuma = likeLuma;
        this.qpOffset = qpOffset;
        this.rateUnit = rateUnit;
    }

    /** How many samples of Cb and Cr cover so many of luma in a row or a column. */
    int size(int luma) {
        return (luma + step - 1) / step;
    }

    /** The quantiser of Cb and Cr beside one of luma. */
    int chromaQp(int qp) {
        return Quantizer.chromaQp(Math.clamp(qp + qpOffset, 0, 51));
    }
}
