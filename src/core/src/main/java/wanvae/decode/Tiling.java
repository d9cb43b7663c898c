package wanvae.decode;

import wanvae.config.VaeConfig;

/**
 * Whether pictures are decoded whole or, as diffusers does after {@code enable_tiling}, in blended tiles: tiles of one
 * size at one stride, decoded one by one, their overlaps mixed. Tiles take less memory and change the result a little.
 * They apply to pictures higher or wider than a tile; smaller ones are decoded whole. Immutable.
 */
public sealed interface Tiling {
    /** Whole pictures. */
    Tiling OFF = new Off();

    /** Tiles as diffusers chooses them: 256x256 pixels of the video at strides of 192x192. */
    Tiling DIFFUSERS = of(256, 256, 192, 192);

    /** Whole pictures. */
    record Off() implements Tiling {
        @Override
        public void requireFits(VaeConfig vae) {}
    }

    /**
     * Blended tiles. All sizes are pixels of the video, at least 8 and multiples of 8, and for a decode multiples of
     * the VAE's spatial factor; a stride is at most the tile's size.
     *
     * @param height       pixels, {@code tile_sample_min_height}
     * @param width        pixels, {@code tile_sample_min_width}
     * @param strideHeight pixels from the top of a tile to that of the one below, {@code tile_sample_stride_height}
     * @param strideWidth  pixels from the left of a tile to that of the next one, {@code tile_sample_stride_width}
     */
    record Tiles(int height, int width, int strideHeight, int strideWidth) implements Tiling {
        /** The spatial factor of every VAE is a multiple of this. */
        private static final int LEAST_FACTOR = 8;

        /** @throws IllegalArgumentException if a size is wrong, in one sentence */
        public Tiles {
            for (int size : new int[] {height, width, strideHeight, strideWidth})
                if (size < 1)
                    throw new IllegalArgumentException(
                            "Tile sizes and strides are at least " + LEAST_FACTOR + ", not " + size + ".");
            requireMultiples(LEAST_FACTOR, "", height, width, strideHeight, strideWidth);
            if (strideHeight > height || strideWidth > width)
                throw new IllegalArgumentException("Tiles of " + height + "x" + width + " at strides of " + strideHeight
                        + "x" + strideWidth + " would leave gaps: a stride is at most the tile's size.");
        }

        @Override
        public void requireFits(VaeConfig vae) {
            requireMultiples(
                    vae.spatialScale(), " for this " + vae.family() + " VAE", height, width, strideHeight, strideWidth);
        }

        private static void requireMultiples(int factor, String whose, int... sizes) {
            for (int size : sizes)
                if (size % factor != 0)
                    throw new IllegalArgumentException("Tile sizes and strides are multiples of " + factor + whose
                            + ", which " + size + " is not.");
        }
    }

    /**
     * Blended tiles.
     *
     * @param height       pixels of the video, a multiple of 8
     * @param width        pixels of the video, a multiple of 8
     * @param strideHeight pixels from the top of a tile to that of the one below, a multiple of 8, at most height
     * @param strideWidth  pixels from the left of a tile to that of the next one, a multiple of 8, at most width
     * @throws IllegalArgumentException if a size is wrong, in one sentence
     */
    static Tiling of(int height, int width, int strideHeight, int strideWidth) {
        return new Tiles(height, width, strideHeight, strideWidth);
    }

    /** @throws IllegalArgumentException if a size is not a multiple of this VAE's spatial factor, in one sentence */
    void requireFits(VaeConfig vae);
}
