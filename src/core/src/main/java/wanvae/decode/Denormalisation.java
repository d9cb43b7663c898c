package wanvae.decode;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import wanvae.config.LatentScaling;
import wanvae.config.VaeConfig;
import wanvae.kernel.Simd;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.LatentSource;

/**
 * Latent frames as the decoder takes them: channels last and, where they come normalised, scaled and shifted as {@link
 * LatentScaling} says.
 */
final class Denormalisation {
    private Denormalisation() {}

    /** One member's latent frames, of which a tile is wanted. */
    static LatentSource of(Latents latents, int member, Tile tile, VaeConfig config) {
        LatentShape shape = latents.shape();
        float[] scale = new float[shape.channels()], shift = new float[shape.channels()];
        Arrays.fill(scale, 1);
        LatentScaling scaling = config.latentScaling();
        for (int c = 0; c < scale.length && latents.normalized(); c++) {
            scale[c] = scaling.divisors().get(c);
            shift[c] = scaling.shifts().get(c);
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
