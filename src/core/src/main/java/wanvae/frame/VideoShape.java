package wanvae.frame;

/**
 * The shape of videos that a sink will receive or a source supplies: all their frames have one size. Immutable.
 *
 * @param members videos, one for each member of a batch
 * @param frames  frames of each member; {@link #UNKNOWN} where a stream does not announce it. A decode always does
 * @param height  pixels
 * @param width   pixels
 * @param channels channels of each pixel: 3 (RGB), or 4 where it has an alpha channel (RGBA)
 */
public record VideoShape(int members, int frames, int height, int width, int channels) {
    /** In place of a number of frames that a stream does not announce. */
    public static final int UNKNOWN = -1;

    /** @throws IllegalArgumentException if a pixel has neither 3 nor 4 channels */
    public VideoShape {
        if (channels != 3 && channels != 4)
            throw new IllegalArgumentException("a pixel has 3 or 4 channels, not " + channels);
    }

    /** Videos of RGB. */
    public VideoShape(int members, int frames, int height, int width) {
        this(members, frames, height, width, 3);
    }
}
