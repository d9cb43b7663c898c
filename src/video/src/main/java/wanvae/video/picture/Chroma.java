package wanvae.video.picture;

/** How many samples of colour a Y'CbCr picture has, the option {@code --chroma}. */
public enum Chroma {
    /** One for each square of 2x2 pixels, as almost all videos have. */
    YUV420(2),
    /** One for each pixel, so that coloured edges stay sharp. */
    YUV444(1);

    private final int step;

    Chroma(int step) {
        this.step = step;
    }

    /** Pixels for each sample, across and down. */
    public int step() {
        return step;
    }

    /** How many samples cover so many pixels of a row or a column. */
    public int size(int pixels) {
        return Math.ceilDiv(pixels, step);
    }
}
