package wanvae.video.picture;

/**
 * How R'G'B' becomes Y'CbCr: the luma weights of a recommendation. Samples are limited range: Y' 16 to 235, Cb and Cr
 * 16 to 240.
 */
public enum ColorMatrix {
    /** ITU-R BT.601: standard definition, and what ffmpeg makes of RGB unless told otherwise. */
    BT601(0.299, 0.114, 6),
    /** ITU-R BT.709: high definition. */
    BT709(0.2126, 0.0722, 1);

    private final double red;
    private final double blue;
    private final int codePoint;

    ColorMatrix(double red, double blue, int codePoint) {
        this.red = red;
        this.blue = blue;
        this.codePoint = codePoint;
    }

    /** Weight of R' in Y', of 1. */
    public double red() {
        return red;
    }

    /** Weight of G' in Y', of 1. */
    public double green() {
        return 1 - red - blue;
    }

    /** Weight of B' in Y', of 1. */
    public double blue() {
        return blue;
    }

    /** matrix_coefficients of ITU-T H.273, as a stream's VUI and a {@code colr} box carry it. */
    public int codePoint() {
        return codePoint;
    }
}
