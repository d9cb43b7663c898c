package wanvae.latent;

import java.util.List;

/**
 * What latents of a VAE look like: how a file's axes and values are told apart.
 *
 * @param means        mean of each channel where latents are not normalised
 * @param deviations   standard deviation of each channel where latents are not normalised, more than 0
 * @param spatialScale pixels of a latent pixel along each axis
 */
public record LatentSpace(List<Float> means, List<Float> deviations, int spatialScale) {
    /** @throws IllegalArgumentException if the lists differ in length */
    public LatentSpace {
        means = List.copyOf(means);
        deviations = List.copyOf(deviations);
        if (means.size() != deviations.size())
            throw new IllegalArgumentException(means.size() + " means and " + deviations.size() + " deviations.");
    }

    /** Channels of the latents. */
    public int channels() {
        return means.size();
    }
}
