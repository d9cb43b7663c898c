package wanvae.encode;

/**
 * What becomes of the distribution that an encoder gives: for each value of the latents a mean, and the logarithm of a
 * variance, which counts as at least -30 and at most 20. Immutable.
 */
public sealed interface Posterior {
    /** The most likely latents: the means. Pipelines that encode an input use them. */
    Posterior MODE = new Mode();

    /** The distribution itself. */
    Posterior MOMENTS = new Moments();

    /** {@link #MODE}. */
    record Mode() implements Posterior {}

    /**
     * Latents drawn from the distribution, {@code mean + exp(logvar / 2) · n}. The normal n of channel c, row y, column
     * x of latent frame t of member b is that of number {@code i = ((t · C + c) · H + y) · W + x}: by Box and Muller,
     * {@code sqrt(-2 ln u₁) cos 2πu₂} in double precision, from {@code u₁ = (k(2i) + 1) · 2⁻⁵³} and {@code u₂ = k(2i +
     * 1) · 2⁻⁵³}, where k(j) are the upper 53 bits of the j-th output of splitmix64, seeded with {@code seed + b}.
     *
     * @param seed any number; the same one draws the same latents, whatever the threads, pieces or tiles
     */
    record Sample(long seed) implements Posterior {}

    /**
     * {@link #MOMENTS}: twice as many channels, first the means, then the logarithms of the variances as the encoder
     * gives them, neither clamped nor normalised.
     */
    record Moments() implements Posterior {}

    /** Latents drawn with this seed. */
    static Posterior sample(long seed) {
        return new Sample(seed);
    }
}
