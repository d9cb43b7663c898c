package wanvae.strategy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.config.LatentScaling;
import wanvae.config.VaeConfig;
import wanvae.kernel.Simd;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.model.StageOutput;
import wanvae.model.StageSource;

/**
 * Supplies the latent frames of one member, or of a tile of it: channels last, and normalised by {@link LatentScaling}
 * or not, as the decoder takes them ({@link VaeConfig#decodesNormalized}).
 */
final class LatentReader implements StageSource {
    private final Latents latents;
    private final int member, firstFrame;
    private final Tile tile;
    /** Null where the latents are as the decoder takes them. */
    private final LatentScaling scaling;

    private final boolean normalizes;

    /**
     * @param member     number of the batch's member
     * @param firstFrame frame of the latents that is frame 0 here
     * @param tile       the latent pixels that are wanted
     */
    LatentReader(Latents latents, int member, int firstFrame, Tile tile, VaeConfig config) {
        this.latents = latents;
        this.member = member;
        this.firstFrame = firstFrame;
        this.tile = tile;
        normalizes = config.decodesNormalized();
        scaling = latents.normalized() == normalizes ? null : config.latentScaling();
    }

    @Override
    public void read(int first, StageOutput target) {
        MemorySegment[] frames = target.frames().frames();
        for (int i = 0; i < frames.length; i++) read(firstFrame + first + i, frames[i]);
    }

    /** @param target {@code [H][W][padded(C)]} floats */
    private void read(int frame, MemorySegment target) {
        LatentShape shape = latents.shape();
        int plane = shape.height() * shape.width(), stride = Simd.padded(shape.channels());
        // The loop works on arrays, because code that is not compiled yet accesses these much faster than segments.
        float[] row = new float[tile.width()], picture = new float[tile.height() * tile.width() * stride];
        for (int c = 0; c < shape.channels(); c++) {
            float divisor = scaling == null ? 1 : scaling.divisors().get(c),
                    shift = scaling == null ? 0 : scaling.shifts().get(c);
            long source = (((long) member * shape.channels() + c) * shape.frames() + frame) * plane;
            for (int y = 0, to = c; y < tile.height(); y++) {
                long from = source + (long) (tile.y() + y) * shape.width() + tile.x();
                MemorySegment.copy(latents.values(), ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * from, row, 0, row.length);
                for (int x = 0; x < row.length; x++, to += stride)
                    picture[to] = normalizes ? (row[x] - shift) * divisor : row[x] / divisor + shift;
            }
        }
        MemorySegment.copy(picture, 0, target, ValueLayout.JAVA_FLOAT, 0, picture.length);
    }
}
