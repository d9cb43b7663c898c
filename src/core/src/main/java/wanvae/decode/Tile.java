package wanvae.decode;

/** A rectangle of the latent picture, in latent pixels. */
record Tile(int y, int x, int height, int width) {}
