package wanvae.strategy;

import java.lang.foreign.MemorySegment;
import wanvae.config.VaeConfig;
import wanvae.kernel.Frames;
import wanvae.kernel.PatchOrder;
import wanvae.kernel.Patchify;
import wanvae.kernel.Unpatchify;
import wanvae.runtime.Team;

/**
 * How a network's channels become pixels with values in [-1, 1].
 *
 * @param channels channels of a pixel: 3, or 4 with alpha
 * @param patch  pixels of a patch along each axis
 * @param order  order of a patch's channels
 * @param scale  factor of the network's values
 * @param offset added to the scaled values
 */
record PixelFormat(int channels, int patch, PatchOrder order, float scale, float offset) {
    static PixelFormat of(VaeConfig config) {
        return new PixelFormat(
                config.imageChannels(),
                config.patchSize(),
                config.patchesByRows() ? PatchOrder.ROWS_FIRST : PatchOrder.COLUMNS_FIRST,
                config.unitRange() ? 2 : 1,
                config.unitRange() ? -1 : 0);
    }

    /** Bytes of this many pixels. */
    long bytes(long pixels) {
        return 4L * channels * pixels;
    }

    /** Bytes of a picture. */
    long bytes(int height, int width) {
        return bytes((long) height * width);
    }

    /** Makes the picture of one frame, or the window of it that {@code frames} hold: {@link Unpatchify#picture}. */
    long picture(Team team, Frames frames, int t, boolean clamp, MemorySegment picture) {
        return Unpatchify.picture(team, frames, t, channels, patch, order, scale, offset, clamp, picture);
    }

    /**
     * Cuts a picture into the patches of one frame, or of the window that {@code frames} hold: {@link
     * Patchify#picture}.
     */
    void patches(Team team, MemorySegment picture, Frames frames, int t) {
        Patchify.picture(team, picture, patch, order, 1 / scale, -offset / scale, frames, t);
    }
}
