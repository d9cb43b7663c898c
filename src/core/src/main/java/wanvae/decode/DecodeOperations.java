package wanvae.decode;

import java.util.List;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;

/**
 * Floating-point operations of a whole, untiled decode by direct convolution, a multiply-add counted as two: the
 * measure every speed of ours is given in, whatever algorithm runs. Convolutions, linear layers and attention count;
 * norms, activations and sums do not.
 *
 * @param all      with every tap of every frame, all members of the batch
 * @param zeroPast the part of it that multiplies the zero frames before the first one (0 for HunyuanVideo, whose
 *                 padding repeats an edge)
 */
public record DecodeOperations(double all, double zeroPast) {

    /**
     * Counts a decode of latents of this shape. Every mask of HunyuanVideo's attention counts as if nothing were
     * masked.
     */
    public static DecodeOperations of(VaeConfig config, LatentShape latents) {
        double height = latents.height(), width = latents.width();
        return switch (config) {
            case WanConfig wan -> {
                double first = wanChunk(wan, height * width, true, 3);
                double later = latents.frames() > 1 ? wanChunk(wan, height * width, false, 3) : 0;
                double zeroPast = first - wanChunk(wan, height * width, true, 1);
                yield new DecodeOperations(
                        latents.batch() * (first + (latents.frames() - 1) * later), latents.batch() * zeroPast);
            }
            case HunyuanConfig hunyuan ->
                new DecodeOperations(latents.batch() * hunyuan(hunyuan, latents.frames(), height * width), 0);
        };
    }

    /**
     * One latent frame through the decoder; {@code timeTaps} of the 3x3x3 kernels are counted. The first frame is never
     * doubled.
     */
    private static double wanChunk(WanConfig config, double pixels, boolean first, int timeTaps) {
        List<Integer> mult = config.dimMult();
        int stages = mult.size(), taps = 9 * timeTaps;
        int channels = config.decoderBaseDim() * mult.get(stages - 1);
        double operations = pixels
                * (conv(config.zDim(), config.zDim(), 1)
                        + conv(config.zDim(), channels, taps)
                        + 2 * resnet(channels, channels, taps)
                        + attention(channels, pixels));
        double positions = pixels; // of one chunk at this stage: frames x height x width
        for (int stage = 0; stage < stages; stage++) {
            int out = config.decoderBaseDim() * mult.get(stages - 1 - stage);
            operations += positions * (resnet(channels, out, taps) + config.numResBlocks() * resnet(out, out, taps));
            channels = out;
            if (stage == stages - 1) break;
            if (config.temporalUpsample().get(stage) && !first) {
                operations += positions * conv(out, 2 * out, 3);
                positions *= 2;
            }
            positions *= 4;
            channels = config.isResidual() ? out : out / 2;
            operations += positions * conv(out, channels, 9);
        }
        return operations + positions * conv(channels, config.outChannels(), taps);
    }

    /** All frames at once: HunyuanVideo's decoder has no chunks. */
    private static double hunyuan(HunyuanConfig config, int latentFrames, double pixels) {
        List<Integer> widths = config.blockOutChannels();
        int stages = widths.size(), channels = widths.get(stages - 1);
        double frames = latentFrames, tokens = frames * pixels;
        double operations = tokens
                * (conv(config.latentChannels(), config.latentChannels(), 1)
                        + conv(config.latentChannels(), channels, 27)
                        + 2 * resnet(channels, channels, 27)
                        + (config.midBlockAddAttention() ? attention(channels, tokens) : 0));
        int spatialUpsamplings = Integer.numberOfTrailingZeros(config.spatialCompressionRatio());
        for (int stage = 0; stage < stages; stage++) {
            int out = widths.get(stages - 1 - stage);
            operations +=
                    frames * pixels * (resnet(channels, out, 27) + config.layersPerBlock() * resnet(out, out, 27));
            channels = out;
            boolean space = stage < spatialUpsamplings, time = stage >= stages - 3 && stage < stages - 1;
            if (space) pixels *= 4;
            if (time) frames = 2 * frames - 1;
            if (space || time) operations += frames * pixels * conv(channels, channels, 27);
        }
        return operations + frames * pixels * conv(channels, 3, 27);
    }

    /** Operations for each output position of a convolution of {@code taps} taps. */
    private static double conv(int in, int out, int taps) {
        return 2.0 * in * out * taps;
    }

    private static double resnet(int in, int out, int taps) {
        return conv(in, out, taps) + conv(out, out, taps) + (in == out ? 0 : conv(in, out, 1));
    }

    /**
     * Operations for each query: its four projections, its scores with {@code tokens} keys and the mean of their
     * values.
     */
    private static double attention(int channels, double tokens) {
        return 4 * conv(channels, channels, 1) + 2 * 2.0 * channels * tokens;
    }
}
