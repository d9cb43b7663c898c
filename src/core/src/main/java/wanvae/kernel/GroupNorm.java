package wanvae.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Group norm, {@code (x - mean) / sqrt(variance + ε) · weight + bias}. Consecutive channels form a group; mean and
 * biased variance are taken over the group's channels of all pixels of all frames. Optionally followed by SiLU. It is
 * applied while a convolution reads its input.
 */
public final class GroupNorm {
    private final MemorySegment affine;
    private final int channels;
    private final boolean silu;

    /**
     * @param moments moments of the whole tensor that is normalised
     * @param weight  padded(C) floats, zeros beyond C
     * @param bias    padded(C) floats, zeros beyond C
     * @param epsilon ε, added to the variance
     * @param silu    whether SiLU follows
     * @param affine  {@link #bytes} of memory, owned by the caller; receives for each channel the numbers to subtract,
     *                to multiply by and to add
     */
    public GroupNorm(
            GroupMoments moments,
            MemorySegment weight,
            MemorySegment bias,
            float epsilon,
            boolean silu,
            MemorySegment affine) {
        int groups = moments.groups(), size = moments.channels() / groups, stride = Simd.padded(moments.channels());
        if (weight.byteSize() < 4L * stride
                || bias.byteSize() < 4L * stride
                || affine.byteSize() < bytes(moments.channels()))
            throw new IllegalArgumentException("a group norm of " + moments.channels()
                    + " channels cannot have weights of " + weight.byteSize() + " bytes");
        this.affine = affine;
        this.channels = moments.channels();
        this.silu = silu;
        double[] means = new double[groups], variances = new double[groups];
        moments.total(means, variances);
        affine.fill((byte) 0);
        for (int c = 0; c < channels; c++) {
            double mean = means[c / size],
                    factor = weight.getAtIndex(JAVA_FLOAT, c) / Math.sqrt(variances[c / size] + epsilon);
            affine.setAtIndex(JAVA_FLOAT, c, (float) mean);
            affine.setAtIndex(JAVA_FLOAT, stride + c, (float) factor);
            // What the mean lost in rounding to float is taken off here.
            affine.setAtIndex(JAVA_FLOAT, 2L * stride + c, (float)
                    (bias.getAtIndex(JAVA_FLOAT, c) - (mean - (float) mean) * factor));
        }
    }

    /** Bytes of the three numbers of each channel. */
    public static long bytes(int channels) {
        return 12L * Simd.padded(channels);
    }

    int channels() {
        return channels;
    }

    /** Normalises {@code count} pixels {@code [count][padded(C)]}; source and target may be the same. */
    void apply(long source, long target, int count) {
        int pixel = 4 * Simd.padded(channels);
        for (int p = 0; p < count; p++, source += pixel, target += pixel) {
            if (silu) pixelSilu(source, target, pixel, affine.address());
            else pixel(source, target, pixel, affine.address());
        }
    }

    private static void pixel(long source, long target, int pixel, long affine) {
        for (int c = 0; c < pixel; c += 4 * LANES) Simd.store(normalised(source + c, pixel, affine + c), target + c);
    }

    private static void pixelSilu(long source, long target, int pixel, long affine) {
        for (int c = 0; c < pixel; c += 4 * LANES)
            Simd.store(Silu.of(normalised(source + c, pixel, affine + c)), target + c);
    }

    private static FloatVector normalised(long source, int pixel, long affine) {
        return Simd.load(source).sub(Simd.load(affine)).fma(Simd.load(affine + pixel), Simd.load(affine + 2 * pixel));
    }
}
