package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.checkpoint.WanConfig;
import wanvae.kernel.Simd;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;

/** Latent frames as the decoder takes them: channels last, and {@code z = latents / (1 / std) + mean} where they come normalised (as the pipelines compute it). */
final class Denormalisation {
    private Denormalisation() {}

    /** One member's latent frames, of which a tile is wanted. */
    static LatentSource of(Latents latents, int member, Tile tile, WanConfig config) {
        LatentShape shape = latents.shape();
        float[] scale = new float[shape.channels()], shift = new float[shape.channels()];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = latents.normalized() ? 1f / config.latentsStd().get(c) : 1;
            shift[c] = latents.normalized() ? config.latentsMean().get(c) : 0;
        }
        int plane = shape.height() * shape.width(), stride = Simd.padded(shape.channels());
        return (frame, target) -> {
            target.fill((byte) 0);
            for (int c = 0; c < shape.channels(); c++) {
                long source = (((long) member * shape.channels() + c) * shape.frames() + frame) * plane;
                for (int y = 0; y < tile.height(); y++)
                    for (int x = 0; x < tile.width(); x++)
                        target.setAtIndex(ValueLayout.JAVA_FLOAT, ((long) y * tile.width() + x) * stride + c,
                                latents.values().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, source + (long) (tile.y() + y) * shape.width() + tile.x() + x)
                                        / scale[c] + shift[c]);
            }
        };
    }
}
