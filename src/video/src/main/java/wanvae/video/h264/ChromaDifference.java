package wanvae.video.h264;

/** What is left of Cb and Cr in 4:2:0 if a block of a macroblock moves: transformed differences. */
final class ChromaDifference {
    private final byte[][] sources;
    private final int sourceStride;
    /** Of a block of 4 samples across: those of Cb and Cr side by side. */
    private final byte[] source = new byte[64];

    private final byte[] block = new byte[64];
    /** Of the block, in samples of chroma. */
    private int x, y, w, h;

    /**
     * @param sources      Cb and Cr
     * @param sourceStride distance of rows in both
     */
    ChromaDifference(byte[][] sources, int sourceStride) {
        this.sources = sources;
        this.sourceStride = sourceStride;
    }

    /** Turns to a block of luma, whose sides are 8 or 16 samples. */
    void start(int lumaX, int lumaY, int lumaW, int lumaH) {
        x = lumaX / 2;
        y = lumaY / 2;
        w = lumaW / 2;
        h = lumaH / 2;
        if (w == 8) return;
        for (int row = 0; row < h; row++)
            for (int plane = 0; plane < 2; plane++)
                FourSamples.copy(sources[plane], (y + row) * sourceStride + x, source, 8 * row + 4 * plane);
    }

    /** Of motion in quarter samples of luma. */
    int of(Reconstruction reference, int mx, int my) {
        if (w == 4) {
            for (int plane = 0; plane < 2; plane++)
                Interpolation.chroma(reference, reference.planes[1 + plane][0], x, y, mx, my, w, h, block, 4 * plane);
            return TransformedDifference.of(source, 0, 8, block, 0, 8, 8, h);
        }
        int sum = 0;
        for (int plane = 0; plane < 2; plane++) {
            Interpolation.chroma(reference, reference.planes[1 + plane][0], x, y, mx, my, w, h, block, 0);
            sum += TransformedDifference.of(sources[plane], y * sourceStride + x, sourceStride, block, 0, 8, 8, h);
        }
        return sum;
    }
}
