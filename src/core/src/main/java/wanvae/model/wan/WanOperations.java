package wanvae.model.wan;

import java.util.List;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.DecodeOperations;

/** The operations of Wan's decoder. */
public final class WanOperations {
    private WanOperations() {}

    /** Counts a decode of latents of this shape. */
    public static DecodeOperations of(WanConfig config, LatentShape latents) {
        double pixels = (double) latents.height() * latents.width();
        double first = chunk(config, pixels, true, 3);
        double later = latents.frames() > 1 ? chunk(config, pixels, false, 3) : 0;
        double zeroPast = first - chunk(config, pixels, true, 1);
        return new DecodeOperations(
                latents.batch() * (first + (latents.frames() - 1) * later), latents.batch() * zeroPast);
    }

    /**
     * One latent frame through the decoder; {@code timeTaps} of the 3x3x3 kernels are counted. The first frame is never
     * doubled.
     */
    private static double chunk(WanConfig config, double pixels, boolean first, int timeTaps) {
        List<Integer> mult = config.dimMult();
        int stages = mult.size(), taps = 9 * timeTaps;
        int channels = config.decoderBaseDim() * mult.get(stages - 1);
        double operations = pixels
                * (DecodeOperations.conv(config.zDim(), config.zDim(), 1)
                        + DecodeOperations.conv(config.zDim(), channels, taps)
                        + 2 * DecodeOperations.resnet(channels, channels, taps)
                        + DecodeOperations.attention(channels, pixels));
        double positions = pixels; // of one chunk at this stage: frames x height x width
        for (int stage = 0; stage < stages; stage++) {
            int out = config.decoderBaseDim() * mult.get(stages - 1 - stage);
            operations += positions
                    * (DecodeOperations.resnet(channels, out, taps)
                            + config.numResBlocks() * DecodeOperations.resnet(out, out, taps));
            channels = out;
            if (stage == stages - 1) break;
            if (config.temporalUpsample().get(stage) && !first) {
                operations += positions * DecodeOperations.conv(out, 2 * out, 3);
                positions *= 2;
            }
            positions *= 4;
            channels = config.isResidual() ? out : out / 2;
            operations += positions * DecodeOperations.conv(out, channels, 9);
        }
        return operations + positions * DecodeOperations.conv(channels, config.outChannels(), taps);
    }
}
