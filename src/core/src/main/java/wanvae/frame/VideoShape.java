package wanvae.frame;

/**
 * What a sink will receive: {@code members} videos of {@code frames} frames of {@code height} x {@code width} pixels.
 *
 * @param frames of each member; {@link #UNKNOWN} where a stream does not tell beforehand
 */
public record VideoShape(int members, int frames, int height, int width) {
    public static final int UNKNOWN = -1;
}
