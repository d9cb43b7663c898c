package wanvae.strategy;

/**
 * The tiles in time that diffusers lays over a clip (framewise decoding of AutoencoderKLHunyuanVideo). A tile begins at
 * every stride and has one latent frame more than its frames would take. The first frame of every tile but the first is
 * dropped; then the first frames of the tile are mixed with the last frames of the tile before.
 *
 * @param latentFrames latent frames of the clip
 * @param frames       frames of a tile, a multiple of {@code scale}. A clip with no more latent frames than these take
 *                     is decoded whole
 * @param stride       frames from the start of a tile to the start of the next, a multiple of {@code scale}, at most
 *                     {@code frames}
 * @param scale        frames that a latent frame becomes
 */
record TimePlan(int latentFrames, int frames, int stride, int scale) {
    /** Whether the clip is longer than a tile. */
    boolean applies() {
        return latentFrames > frames / scale;
    }

    /**
     * Number of tiles that keep a frame. A tile that begins with the last latent frame keeps none, since its first
     * frame is dropped.
     */
    int count() {
        return applies() ? Math.ceilDiv(latentFrames - 1, stride / scale) : 1;
    }

    /** The first latent frame of tile k. */
    int start(int k) {
        return k * (stride / scale);
    }

    /** Latent frames of tile k. The first tile has the most. */
    int latents(int k) {
        return applies() ? Math.min(frames / scale + 1, latentFrames - start(k)) : latentFrames;
    }

    /** Frames of tile k without the dropped one. */
    int length(int k) {
        return (latents(k) - 1) * scale + (k == 0 ? 1 : 0);
    }

    /** Frames of tile k that become frames of the video. */
    int kept(int k) {
        return k == count() - 1 ? length(k) : stride + (k == 0 ? 1 : 0);
    }

    /** Frames of tile k that are mixed with the last frames of the tile before. */
    int mixed(int k) {
        return k == 0 ? 0 : Math.min(overlap(), Math.min(length(k - 1), length(k)));
    }

    /** Frames that two whole tiles share. */
    int overlap() {
        return applies() ? frames - stride : 0;
    }
}
