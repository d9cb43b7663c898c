package wanvae.latent;

/** Shape of latents, {@code [B][C][F][H][W]}. */
public record LatentShape(int batch, int channels, int frames, int height, int width) {
    @Override
    public String toString() {
        return "[" + batch + ", " + channels + ", " + frames + ", " + height + ", " + width + "]";
    }
}
