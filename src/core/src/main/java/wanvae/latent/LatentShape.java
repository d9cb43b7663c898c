package wanvae.latent;

import java.util.Arrays;

/**
 * Shape of latents, {@code [B][C][F][H][W]}. Every size is at least 1, and all values as float32 are fewer than 2^63
 * bytes. Immutable.
 *
 * @param batch    members, which become a video each
 * @param channels channels of the latents
 * @param frames   latent frames
 * @param height   latent pixels
 * @param width    latent pixels
 */
public record LatentShape(int batch, int channels, int frames, int height, int width) {
    /** @throws IllegalArgumentException if a size is less than 1, or all of them together are too large */
    public LatentShape {
        long bytes = Float.BYTES;
        for (int size : new int[] {batch, channels, frames, height, width}) {
            if (size < 1)
                throw new IllegalArgumentException("Latents of " + text(batch, channels, frames, height, width)
                        + " are none: every size is at least 1.");
            if (bytes > Long.MAX_VALUE / size)
                throw new IllegalArgumentException(
                        "Latents of " + text(batch, channels, frames, height, width) + " are larger than any memory.");
            bytes *= size;
        }
    }

    /** The number of values, {@code B·C·F·H·W}. */
    public long elements() {
        return (long) batch * channels * frames * height * width;
    }

    private static String text(int... sizes) {
        return Arrays.toString(sizes);
    }

    @Override
    public String toString() {
        return text(batch, channels, frames, height, width);
    }
}
