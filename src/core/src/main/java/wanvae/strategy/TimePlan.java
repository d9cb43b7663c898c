package wanvae.strategy;

/**
 * How diffusers lays tiles over a clip of HunyuanVideo (the framewise decoding of AutoencoderKLHunyuanVideo): one
 * begins at every stride and has a latent frame more than the tile's frames would take. The first picture of every tile
 * but the first one is dropped; then a tile's first frames are mixed with the last ones of the tile before.
 *
 * @param latentFrames of the clip
 * @param frames       of a tile, a multiple of {@code scale}; clips of no more latent frames than that takes are
 *                     decoded whole
 * @param stride       frames from a tile to the next, a multiple of {@code scale}, at most {@code frames}
 * @param scale        frames that a latent frame becomes
 */
record TimePlan(int latentFrames, int frames, int stride, int scale) {
    boolean applies() {
        return latentFrames > frames / scale;
    }

    /**
     * Tiles that keep a frame: one that begins with the last latent frame, whose first picture is dropped, does not
     * count.
     */
    int count() {
        return applies() ? Math.ceilDiv(latentFrames - 1, stride / scale) : 1;
    }

    /** The first latent frame of tile k. */
    int start(int k) {
        return k * (stride / scale);
    }

    /** Latent frames of tile k; none has more than the first. */
    int latents(int k) {
        return applies() ? Math.min(frames / scale + 1, latentFrames - start(k)) : latentFrames;
    }

    /** Frames of tile k behind the dropped one. */
    int length(int k) {
        return (latents(k) - 1) * scale + (k == 0 ? 1 : 0);
    }

    /** Frames of tile k that the video shows. */
    int kept(int k) {
        return k == count() - 1 ? length(k) : stride + (k == 0 ? 1 : 0);
    }

    /** Frames of tile k that are mixed with the last ones of the tile before. */
    int mixed(int k) {
        return k == 0 ? 0 : Math.min(overlap(), Math.min(length(k - 1), length(k)));
    }

    /** Frames that two whole tiles share. */
    int overlap() {
        return applies() ? frames - stride : 0;
    }
}
