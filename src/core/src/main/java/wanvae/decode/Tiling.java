package wanvae.decode;

import wanvae.config.VaeConfig;

/**
 * Blended tiles, as diffusers' {@code enable_tiling} lays them: tiles of this size at these strides, decoded one by
 * one, their overlaps mixed. It applies to pictures higher or wider than a tile; smaller ones are decoded whole. All
 * sizes are pixels of the video, at least 8 and multiples of 8 (of the VAE's spatial factor, {@link #requireFits}),
 * strides at most the tile's size.
 *
 * @param height       {@code tile_sample_min_height}
 * @param width        {@code tile_sample_min_width}
 * @param strideHeight {@code tile_sample_stride_height}: from the top of a tile to that of the one below
 * @param strideWidth  {@code tile_sample_stride_width}
 */
public record Tiling(int height, int width, int strideHeight, int strideWidth) {
    /** diffusers' own: 256x256 at strides of 192x192. */
    public static final Tiling DEFAULT = new Tiling(256, 256, 192, 192);

    /** The spatial factor of every VAE is a multiple of this. */
    private static final int LEAST_FACTOR = 8;

    /** @throws IllegalArgumentException if a size is wrong, in one sentence */
    public Tiling {
        for (int size : new int[] {height, width, strideHeight, strideWidth})
            if (size < 1)
                throw new IllegalArgumentException(
                        "Tile sizes and strides are at least " + LEAST_FACTOR + ", not " + size + ".");
        requireMultiples(LEAST_FACTOR, "", height, width, strideHeight, strideWidth);
        if (strideHeight > height || strideWidth > width)
            throw new IllegalArgumentException("Tiles of " + height + "x" + width + " at strides of " + strideHeight
                    + "x" + strideWidth + " would leave gaps: a stride is at most the tile's size.");
    }

    /** @throws IllegalArgumentException if a size is no multiple of this VAE's spatial factor, in one sentence */
    public void requireFits(VaeConfig vae) {
        requireMultiples(
                vae.spatialScale(), " for this " + vae.family() + " VAE", height, width, strideHeight, strideWidth);
    }

    private static void requireMultiples(int factor, String whose, int... sizes) {
        for (int size : sizes)
            if (size % factor != 0)
                throw new IllegalArgumentException(
                        "Tile sizes and strides are multiples of " + factor + whose + ", which " + size + " is not.");
    }
}
