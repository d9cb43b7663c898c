package wanvae.strategy;

import java.io.IOException;
import wanvae.config.LatentScaling;
import wanvae.config.VaeConfig;
import wanvae.encode.EncodeOptions;
import wanvae.encode.Posterior;
import wanvae.latent.LatentSink;

/** Makes latents from what an encoder gives, and hands them to a sink. */
final class PosteriorOutput implements Encoding.Consumer {
    private static final long GOLD = 0x9E3779B97F4A7C15L;

    private final int pixels;
    private final LatentScaling scaling;
    private final boolean normalises, denormalises;
    private final Posterior posterior;
    private final LatentSink sink;

    /**
     * @param hasPosterior whether the encoder gives moments; otherwise it gives latents
     * @param pixels       pixels of a latent frame
     */
    PosteriorOutput(VaeConfig config, boolean hasPosterior, int pixels, EncodeOptions options, LatentSink sink) {
        this.pixels = pixels;
        this.scaling = config.latentScaling();
        this.posterior = hasPosterior ? options.posterior() : Posterior.MODE;
        boolean asGiven = posterior instanceof Posterior.Moments || options.normalized() == config.decodesNormalized();
        this.normalises = !asGiven && options.normalized();
        this.denormalises = !asGiven && !options.normalized();
        this.sink = sink;
    }

    @Override
    public void accept(int member, int frame, float[] values) throws IOException {
        int given = values.length / pixels, channels = scaling.shifts().size();
        int out = posterior instanceof Posterior.Moments ? given : channels;
        float[] latents = new float[out * pixels];
        for (int c = 0; c < out; c++)
            for (int i = 0; i < pixels; i++) {
                float value = values[i * given + c];
                if (posterior instanceof Posterior.Sample(long seed)) {
                    double deviation = StrictMath.exp(Math.clamp(values[i * given + channels + c], -30f, 20f) / 2.0);
                    value = (float) (value
                            + deviation * normal(seed + member, ((long) frame * channels + c) * pixels + i));
                }
                if (normalises)
                    value = (value - scaling.shifts().get(c))
                            * scaling.divisors().get(c);
                if (denormalises)
                    value = value / scaling.divisors().get(c) + scaling.shifts().get(c);
                latents[c * pixels + i] = value;
            }
        sink.frame(member, frame, latents);
    }

    /** See {@link Posterior.Sample}. */
    static double normal(long seed, long i) {
        double u1 = (bits(seed, 2 * i) + 1) * 0x1p-53, u2 = bits(seed, 2 * i + 1) * 0x1p-53;
        return Math.sqrt(-2 * StrictMath.log(u1)) * StrictMath.cos(2 * Math.PI * u2);
    }

    /** The upper 53 bits of the j-th output of splitmix64. */
    private static long bits(long seed, long j) {
        long z = seed + (j + 1) * GOLD;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return (z ^ z >>> 31) >>> 11;
    }
}
