package wanvae.model.hunyuan;

import java.util.List;
import wanvae.config.HunyuanConfig;
import wanvae.latent.LatentShape;
import wanvae.model.Operations;

/** The operations of HunyuanVideo's decoder. Attention is counted as if nothing were masked. */
public final class HunyuanOperations {
    private HunyuanOperations() {}

    /** Counts a decode of latents of this shape: all frames at once, since this decoder has no chunks. */
    public static Operations of(HunyuanConfig config, LatentShape latents) {
        List<Integer> widths = config.blockOutChannels();
        int stages = widths.size(), channels = widths.get(stages - 1);
        double frames = latents.frames(), pixels = (double) latents.height() * latents.width();
        double tokens = frames * pixels;
        double operations = tokens
                * (Operations.conv(config.latentChannels(), config.latentChannels(), 1)
                        + Operations.conv(config.latentChannels(), channels, 27)
                        + 2 * Operations.resnet(channels, channels, 27)
                        + (config.midBlockAddAttention() ? Operations.attention(channels, tokens) : 0));
        for (int stage = 0; stage < stages; stage++) {
            int out = widths.get(stages - 1 - stage);
            operations += frames
                    * pixels
                    * (Operations.resnet(channels, out, 27)
                            + config.layersPerBlock() * Operations.resnet(out, out, 27));
            channels = out;
            boolean space = config.upsamplesSpace(stage), time = config.upsamplesTime(stage);
            if (space) pixels *= 4;
            if (time) frames = 2 * frames - 1;
            if (space || time) operations += frames * pixels * Operations.conv(channels, channels, 27);
        }
        operations += frames * pixels * Operations.conv(channels, 3, 27);
        return new Operations(latents.batch() * operations, 0);
    }
}
