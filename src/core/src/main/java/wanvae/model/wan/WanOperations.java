package wanvae.model.wan;

import java.util.List;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;

/** The operations of Wan's decoder and encoder. */
public final class WanOperations {
    private WanOperations() {}

    /** Counts a decode of latents of this shape. */
    public static Operations of(WanConfig config, LatentShape latents) {
        double pixels = (double) latents.height() * latents.width();
        double first = chunk(config, pixels, true, 3);
        double later = latents.frames() > 1 ? chunk(config, pixels, false, 3) : 0;
        double zeroPast = first - chunk(config, pixels, true, 1);
        return new Operations(latents.batch() * (first + (latents.frames() - 1) * later), latents.batch() * zeroPast);
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
                * (Operations.conv(config.zDim(), config.zDim(), 1)
                        + Operations.conv(config.zDim(), channels, taps)
                        + 2 * Operations.resnet(channels, channels, taps)
                        + Operations.attention(channels, pixels));
        double positions = pixels; // of one chunk at this stage: frames x height x width
        for (int stage = 0; stage < stages; stage++) {
            int out = config.decoderBaseDim() * mult.get(stages - 1 - stage);
            operations += positions
                    * (Operations.resnet(channels, out, taps)
                            + config.numResBlocks() * Operations.resnet(out, out, taps));
            channels = out;
            if (stage == stages - 1) break;
            if (config.temporalUpsample().get(stage) && !first) {
                operations += positions * Operations.conv(out, 2 * out, 3);
                positions *= 2;
            }
            positions *= 4;
            channels = config.isResidual() ? out : out / 2;
            operations += positions * Operations.conv(out, channels, 9);
        }
        return operations + positions * Operations.conv(channels, config.outChannels(), taps);
    }

    /**
     * Counts an encode of pictures of this shape, height and width in patches. Frames that are left out do not count.
     */
    public static Operations encoder(WanConfig config, LatentShape pictures) {
        double first = encoded(config, pictures, true, 3);
        double later = pictures.frames() > 1 ? encoded(config, pictures, false, 3) : 0;
        double zeroPast = first - encoded(config, pictures, true, 1);
        int groups = (pictures.frames() - 1) / config.temporalScale();
        return new Operations(pictures.batch() * (first + groups * later), pictures.batch() * zeroPast);
    }

    /** One latent frame's pictures through the encoder; {@code timeTaps} of the 3x3x3 kernels are counted. */
    private static double encoded(WanConfig config, LatentShape pictures, boolean first, int timeTaps) {
        List<Integer> mult = config.dimMult();
        int stages = mult.size(), taps = 9 * timeTaps, channels = config.encoderBaseDim();
        int frames = first ? 1 : config.temporalScale(), height = pictures.height(), width = pictures.width();
        double operations = (double) frames * height * width * Operations.conv(config.inChannels(), channels, taps);
        for (int stage = 0; stage < stages; stage++) {
            int out = config.encoderBaseDim() * mult.get(stage);
            operations += (double) frames
                    * height
                    * width
                    * (Operations.resnet(channels, out, taps)
                            + (config.numResBlocks() - 1) * Operations.resnet(out, out, taps));
            channels = out;
            if (stage == stages - 1) break;
            height /= 2;
            width /= 2;
            operations += (double) frames * height * width * Operations.conv(out, out, 9);
            if (config.temporalDownsample().get(stage) && !first) {
                frames /= 2;
                operations += (double) frames * height * width * Operations.conv(out, out, 3);
            }
        }
        double pixels = (double) height * width;
        int moments = 2 * config.zDim();
        return operations
                + frames
                        * pixels
                        * (2 * Operations.resnet(channels, channels, taps)
                                + Operations.attention(channels, pixels)
                                + Operations.conv(channels, moments, taps)
                                + Operations.conv(moments, moments, 1));
    }
}
