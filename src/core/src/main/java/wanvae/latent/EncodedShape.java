package wanvae.latent;

/**
 * What a {@link LatentSink} will receive. Immutable.
 *
 * @param members  videos, one for each member of a batch
 * @param channels channels of the latents; where moments come, twice as many
 * @param frames   latent frames of each member; {@link #UNKNOWN} where the video does not announce its length
 * @param height   latent pixels
 * @param width    latent pixels
 */
public record EncodedShape(int members, int channels, int frames, int height, int width) {
    /** In place of the number of frames of a video that does not announce its length. */
    public static final int UNKNOWN = -1;
}
