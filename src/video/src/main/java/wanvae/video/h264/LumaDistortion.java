package wanvae.video.h264;

/**
 * How wrong the luma of a macroblock looks, by SSIM's measure. Where the means of two blocks agree, 1 - SSIM is their
 * squared difference over the sum of their energies and a constant: an error counts more, up to twice, where the
 * reconstruction has lost detail than where it has as much as the source. Where there is little detail, as in noise, the
 * constant prevails, and squared errors stand as they are.
 */
final class LumaDistortion {
    /** SSIM's constant, {@code (0.03 * 255)^2}, for each sample of a block of 8x8. */
    private static final double CONSTANT = 64 * 0.03 * 255 * 0.03 * 255;

    private final byte[] source;
    private final int stride;
    /** Of the source's blocks of 8x8. */
    private final int[] energy = new int[4];

    private int from;
    /** What an error of the last reconstruction weighs: its distortion over its sum of squared errors. */
    double weight;

    LumaDistortion(byte[] source, int stride) {
        this.source = source;
        this.stride = stride;
    }

    /** Turns to a macroblock. */
    void start(int x, int y) {
        from = 16 * (y * stride + x);
        for (int q = 0; q < 4; q++) {
            int block = block(from, stride, q);
            energy[q] = (int) BlockCost.ssdAndEnergy8x8(source, block, stride, source, block, stride);
        }
    }

    /** Of a reconstruction, whose weighed errors are in units of squared ones. */
    double of(byte[] reconstruction, int at, int reconstructionStride) {
        int errors = 0;
        double weighed = 0;
        for (int q = 0; q < 4; q++) {
            int block = block(at, reconstructionStride, q);
            long both = BlockCost.ssdAndEnergy8x8(
                    source, block(from, stride, q), stride, reconstruction, block, reconstructionStride);
            int error = (int) (both >> 32), kept = (int) both;
            errors += error;
            weighed += error * (2.0 * energy[q] + CONSTANT) / ((double) energy[q] + kept + CONSTANT);
        }
        weight = errors == 0 ? 1 : weighed / errors;
        return weighed;
    }

    private static int block(int at, int stride, int q) {
        return at + 8 * (q >> 1) * stride + 8 * (q & 1);
    }
}
