package wanvae.decode;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import wanvae.config.HunyuanConfig;
import wanvae.config.VaeConfig;
import wanvae.config.WanConfig;
import wanvae.kernel.Simd;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.LatentSource;

/**
 * Latent frames as the decoder takes them: channels last and, where they come normalised, as the pipelines compute it:
 * {@code z = latents / (1 / std) + mean} for Wan, {@code z = latents / scaling_factor} for HunyuanVideo.
 */
final class Denormalisation {
    private Denormalisation() {}

    /** One member's latent frames, of which a tile is wanted. */
    static LatentSource of(Latents latents, int member, Tile tile, VaeConfig config) {
        LatentShape shape = latents.shape();
        float[] scale = new float[shape.channels()], shift = new float[shape.channels()];
        Arrays.fill(scale, 1);
        if (latents.normalized())
            switch (config) {
                case WanConfig wan -> {
                    for (int c = 0; c < scale.length; c++) {
                        scale[c] = 1f / wan.latentsStd().get(c);
                        shift[c] = wan.latentsMean().get(c);
                    }
                }
                case HunyuanConfig hunyuan -> Arrays.fill(scale, hunyuan.scalingFactor());
            }
        int plane = shape.height() * shape.width(), stride = Simd.padded(shape.channels());
        return (frame, target) -> {
            target.fill((byte) 0);
            for (int c = 0; c < shape.channels(); c++) {
                long source = (((long) member * shape.channels() + c) * shape.frames() + frame) * plane;
                for (int y = 0; y < tile.height(); y++)
                    for (int x = 0; x < tile.width(); x++)
                        target.setAtIndex(
                                ValueLayout.JAVA_FLOAT,
                                ((long) y * tile.width() + x) * stride + c,
                                latents.values()
                                                        .getAtIndex(
                                                                ValueLayout.JAVA_FLOAT_UNALIGNED,
                                                                source
                                                                        + (long) (tile.y() + y) * shape.width()
                                                                        + tile.x()
                                                                        + x)
                                                / scale[c]
                                        + shift[c]);
            }
        };
    }
}
