package wanvae;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/** The models of the golden files, their weights from the generator. */
final class Models {
    private static final List<Float> MEAN = List.of(
            -.7571f, -.7089f, -.9113f, .1075f, -.1745f, .9653f, -.1517f, 1.5508f, .4134f, -.0715f, .5517f, -.3632f,
            -.1922f, -.9497f, .2503f, -.2921f);
    private static final List<Float> STD = List.of(
            2.8184f, 1.4541f, 2.3275f, 2.6558f, 1.2196f, 1.7708f, 2.6052f, 2.0743f, 3.2687f, 2.1526f, 2.8652f, 1.5579f,
            1.6382f, 1.1253f, 2.8251f, 1.9160f);

    private Models() {}

    static WanConfig wan21(int baseDim, int resBlocks) {
        return wan("AutoencoderKLWan", baseDim, resBlocks);
    }

    static WanConfig wan(String className, int baseDim, int resBlocks) {
        return new WanConfig(
                className,
                baseDim,
                16,
                List.of(1, 2, 4, 4),
                resBlocks,
                List.of(true, true, false),
                MEAN,
                STD,
                false,
                3,
                1);
    }

    static WanConfig wan22(int decoderBaseDim, int resBlocks) {
        return new WanConfig(
                "AutoencoderKLWan",
                decoderBaseDim,
                48,
                List.of(1, 2, 4, 4),
                resBlocks,
                List.of(true, true, false),
                Collections.nCopies(48, 0f),
                Collections.nCopies(48, 1f),
                true,
                12,
                2);
    }

    static WanVae open(WanConfig config, long seed) throws IOException {
        return WanVae.open(new GeneratedWeights(config, seed), OpenOptions.DEFAULT);
    }

    /** On a machine of so much memory, bytes. */
    static WanVae openOn(long machine, WanConfig config, long seed) throws IOException {
        return WanVae.open(new GeneratedWeights(config, seed), OpenOptions.DEFAULT, () -> machine);
    }

    /** Other values that are meant as those of these latents are. */
    static Latents like(Latents latents, LatentShape shape, float[] values) {
        Latents other = Latents.of(shape, values).withName(latents.name());
        return latents.normalized() ? other : other.raw();
    }

    /** The same latents but for one value. */
    static Latents changed(Latents latents, int index, float value) {
        float[] values = latents.values().toArray(ValueLayout.JAVA_FLOAT);
        values[index] = value;
        return like(latents, latents.shape(), values);
    }
}
