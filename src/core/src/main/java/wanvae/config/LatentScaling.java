package wanvae.config;

import java.util.Collections;
import java.util.List;

/**
 * How diffusion pipelines normalise latents, one number of each kind for each latent channel: {@code z = normalised /
 * divisor + shift} before decoding, {@code normalised = (z - shift) * divisor} after encoding.
 *
 * @param divisors {@code 1 / latents_std} for Wan; {@code scaling_factor} for HunyuanVideo
 * @param shifts   {@code latents_mean} for Wan; 0 for HunyuanVideo
 */
public record LatentScaling(List<Float> divisors, List<Float> shifts) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if they differ in length
     */
    public LatentScaling {
        divisors = List.copyOf(divisors);
        shifts = List.copyOf(shifts);
        if (divisors.size() != shifts.size())
            throw new IllegalArgumentException(divisors.size() + " divisors and " + shifts.size() + " shifts.");
    }

    /** One factor for all channels, and no shift. */
    public static LatentScaling uniform(int channels, float factor) {
        return new LatentScaling(Collections.nCopies(channels, factor), Collections.nCopies(channels, 0f));
    }
}
