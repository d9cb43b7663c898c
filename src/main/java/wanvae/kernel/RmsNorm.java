package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/** RMS norm over the channels of each pixel, {@code x / max(‖x‖₂, 1e-12) · √C · γ} (diffusers' WanRMS_norm), optionally followed by SiLU. */
public final class RmsNorm {
    private RmsNorm() {}

    /**
     * Normalises one pixel of {@code [padded(C)]} floats; source and target may be the same.
     *
     * @param channels C; source and γ hold zeros beyond it
     * @param squares  ‖x‖₂²
     */
    static void pixel(long source, long target, long bytes, int channels, float squares, long gamma, boolean silu) {
        float scale = (float) (Math.sqrt(channels) / Math.max(Math.sqrt(squares), 1e-12));
        for (long c = 0; c < bytes; c += 4L * LANES) {
            FloatVector v = Simd.load(source + c).mul(scale).mul(Simd.load(gamma + c));
            Simd.store(silu ? Silu.of(v) : v, target + c);
        }
    }
}
