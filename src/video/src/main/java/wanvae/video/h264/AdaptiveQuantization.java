package wanvae.video.h264;

/** Quantiser offsets by detail: errors show less, and SSIM minds them less, where there is much of it. */
final class AdaptiveQuantization {
    private static final float STRENGTH = 1.0397f;
    /** log2 of the energy that gets no offset. */
    private static final float NEUTRAL = 14.427f;

    private AdaptiveQuantization() {}

    static float[] offsets(SourcePicture source, int width, int height) {
        float[] offsets = new float[width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                long energy = 0;
                for (int plane = 0; plane < 3; plane++) {
                    int n = plane == 0 ? 16 : 16 / source.format.step;
                    energy += energy(source.planes[plane], n * width, x, y, n);
                }
                offsets[y * width + x] =
                        STRENGTH * ((float) (StrictMath.log(Math.max(energy, 1)) / StrictMath.log(2)) - NEUTRAL);
            }
        return offsets;
    }

    /** Sum of squared differences to the mean of a block of n x n. */
    private static long energy(byte[] plane, int stride, int x, int y, int n) {
        int sum = 0, squares = 0;
        for (int row = 0, at = (y * stride + x) * n; row < n; row++, at += stride)
            for (int i = at; i < at + n; i++) {
                int v = plane[i] & 0xFF;
                sum += v;
                squares += v * v;
            }
        return squares - (long) sum * sum / (n * n);
    }
}
