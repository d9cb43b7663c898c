package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/** RMS norm over the channels of each pixel, {@code x / max(‖x‖₂, 1e-12) · √C · γ} (diffusers' WanRMS_norm), optionally followed by SiLU. */
public final class RmsNorm {
    private RmsNorm() {}

    /**
     * Normalises {@code count} pixels of {@code [padded(C)]} floats; source and target may be the same.
     *
     * @param channels C; source and γ hold zeros beyond it
     */
    static void apply(long source, long target, int count, int channels, long gamma, boolean silu) {
        long pixel = 4L * Simd.padded(channels);
        for (int p = 0; p < count; p++) {
            float scale = scale(source + p * pixel, pixel, channels);
            if (silu) pixelSilu(source + p * pixel, target + p * pixel, pixel, gamma, scale);
            else pixel(source + p * pixel, target + p * pixel, pixel, gamma, scale);
        }
    }

    private static float scale(long source, long pixel, int channels) {
        FloatVector s = FloatVector.zero(Simd.SPECIES);
        for (long c = 0; c < pixel; c += 4L * LANES) {
            FloatVector v = Simd.load(source + c);
            s = v.fma(v, s);
        }
        double norm = Math.sqrt((double) Simd.sum(s));
        return (float) (Math.sqrt(channels) / Math.max(norm, 1e-12));
    }

    private static void pixel(long source, long target, long pixel, long gamma, float scale) {
        for (long c = 0; c < pixel; c += 4L * LANES) Simd.store(Simd.load(source + c).mul(scale).mul(Simd.load(gamma + c)), target + c);
    }

    private static void pixelSilu(long source, long target, long pixel, long gamma, float scale) {
        for (long c = 0; c < pixel; c += 4L * LANES) {
            FloatVector v = Simd.load(source + c).mul(scale).mul(Simd.load(gamma + c));
            Simd.store(Silu.of(v), target + c);
        }
    }
}
