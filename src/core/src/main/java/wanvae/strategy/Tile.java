package wanvae.strategy;

import wanvae.latent.LatentShape;

/** A rectangle of the latent picture, in latent pixels. */
record Tile(int y, int x, int height, int width) {
    static Tile whole(LatentShape latents) {
        return new Tile(0, 0, latents.height(), latents.width());
    }

    /** Latents of one member, cut to this rectangle. */
    LatentShape shape(LatentShape latents) {
        return new LatentShape(1, latents.channels(), latents.frames(), height, width);
    }
}
