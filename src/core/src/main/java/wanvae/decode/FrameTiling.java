package wanvae.decode;

import wanvae.config.VaeConfig;

/**
 * Blended tiles in time, as diffusers decodes HunyuanVideo by default: clips of more frames than a tile go in tiles of
 * this many frames at these strides, their overlaps mixed. It changes the result, because this family's norms see all
 * frames of a tile, and bounds memory: frames leave tile by tile.
 *
 * @param frames {@code tile_sample_min_num_frames}, a multiple of 4; a tile takes the latent frame behind it too
 * @param stride {@code tile_sample_stride_num_frames}, a multiple of 4: from a tile to the next
 */
public record FrameTiling(int frames, int stride) {
    /** diffusers' own: 16 at strides of 12, for clips of 5 or more latent frames. */
    public static final FrameTiling DEFAULT = new FrameTiling(16, 12);

    /** The whole clip at once, as {@code use_framewise_decoding = False}: memory grows with its frames. */
    public static final FrameTiling OFF = new FrameTiling(1 << 30, 1 << 30);

    /** Frames of a latent frame. */
    private static final int FACTOR = 4;

    /** @throws IllegalArgumentException if a number is wrong, in one sentence */
    public FrameTiling {
        for (int number : new int[] {frames, stride}) {
            if (number < FACTOR)
                throw new IllegalArgumentException(
                        "Frames of a tile and their stride are at least " + FACTOR + ", not " + number + ".");
            if (number % FACTOR != 0)
                throw new IllegalArgumentException("Frames of a tile and their stride are multiples of " + FACTOR
                        + ", which " + number + " is not.");
        }
        if (stride > frames)
            throw new IllegalArgumentException("Tiles of " + frames + " frames at strides of " + stride
                    + " would leave gaps: a stride is at most the tile's frames.");
    }

    /** @throws IllegalArgumentException if this VAE does not tile in time, in one sentence */
    public void requireFits(VaeConfig vae) {
        if (!vae.tilesInTime() && !equals(OFF))
            throw new IllegalArgumentException("This " + vae.family()
                    + " VAE does not tile in time: its result does not depend on how many frames go together.");
    }
}
