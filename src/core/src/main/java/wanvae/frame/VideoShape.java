package wanvae.frame;

/**
 * What a sink will receive: videos of frames of one size. Immutable.
 *
 * @param members videos, one for each member of a batch
 * @param frames  frames of each member; {@link #UNKNOWN} where a stream does not tell beforehand. A decode always tells
 * @param height  pixels
 * @param width   pixels
 */
public record VideoShape(int members, int frames, int height, int width) {
    /** In place of a number of frames that a stream does not tell beforehand. */
    public static final int UNKNOWN = -1;
}
