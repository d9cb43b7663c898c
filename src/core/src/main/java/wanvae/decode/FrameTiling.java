package wanvae.decode;

import wanvae.config.VaeConfig;

/**
 * Whether a clip is decoded at once or in blended tiles in time, as diffusers decodes HunyuanVideo by default: clips of
 * more frames than a tile go in tiles of one length at one stride, their overlaps mixed. It changes the result, because
 * this family's norms see all frames of a tile, and it bounds memory, because frames are delivered tile by tile. The
 * other families decode a few frames at a time in any case, with the same result. Immutable.
 */
public sealed interface FrameTiling {
    /** What diffusers does with the family: {@link #DIFFUSERS} for HunyuanVideo, {@link #OFF} for the others. */
    FrameTiling FAMILY_DEFAULT = new FamilyDefault();

    /** The whole clip at once, as {@code use_framewise_decoding = False}: memory grows with its frames. */
    FrameTiling OFF = new Off();

    /** Tiles as diffusers chooses them: 16 frames at strides of 12, for clips of 5 or more latent frames. */
    Tiles DIFFUSERS = new Tiles(16, 12);

    /** What diffusers does with the family. */
    record FamilyDefault() implements FrameTiling {
        @Override
        public void requireFits(VaeConfig vae) {}
    }

    /** The whole clip at once. */
    record Off() implements FrameTiling {
        @Override
        public void requireFits(VaeConfig vae) {}
    }

    /**
     * Blended tiles in time.
     *
     * @param frames       frames of the video, {@code tile_sample_min_num_frames}, a multiple of 4; a tile also takes
     *                     one latent frame after those of these frames
     * @param strideFrames frames of the video from a tile to the next, {@code tile_sample_stride_num_frames}, a
     *                     multiple of 4, at most {@code frames}
     */
    record Tiles(int frames, int strideFrames) implements FrameTiling {
        /** Frames of the video that a latent frame makes. */
        private static final int FACTOR = 4;

        /** @throws IllegalArgumentException if a number is wrong, in one sentence */
        public Tiles {
            for (int number : new int[] {frames, strideFrames}) {
                if (number < FACTOR)
                    throw new IllegalArgumentException(
                            "Frames of a tile and their stride are at least " + FACTOR + ", not " + number + ".");
                if (number % FACTOR != 0)
                    throw new IllegalArgumentException("Frames of a tile and their stride are multiples of " + FACTOR
                            + ", which " + number + " is not.");
            }
            if (strideFrames > frames)
                throw new IllegalArgumentException("Tiles of " + frames + " frames at strides of " + strideFrames
                        + " would leave gaps: a stride is at most the tile's frames.");
        }

        @Override
        public void requireFits(VaeConfig vae) {
            if (!vae.tilesInTime())
                throw new IllegalArgumentException("This " + vae.family()
                        + " VAE does not tile in time: its result does not depend on how many frames go together.");
        }
    }

    /**
     * Blended tiles in time.
     *
     * @param frames       frames of the video in a tile, a multiple of 4
     * @param strideFrames frames of the video from a tile to the next, a multiple of 4, at most {@code frames}
     * @throws IllegalArgumentException if a number is wrong, in one sentence
     */
    static FrameTiling of(int frames, int strideFrames) {
        return new Tiles(frames, strideFrames);
    }

    /** @throws IllegalArgumentException if this VAE does not tile in time, in one sentence */
    void requireFits(VaeConfig vae);
}
