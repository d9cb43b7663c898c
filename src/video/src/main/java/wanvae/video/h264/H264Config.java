package wanvae.video.h264;

/**
 * What to encode and how.
 *
 * @param width          of the pictures shown, 1 to 8192; the coded picture is rounded up to macroblocks and cropped by
 *                       the stream
 * @param height         as width
 * @param fpsNumerator   frames per second, a rational, both parts positive
 * @param fpsDenominator see fpsNumerator
 * @param rate           constant quality, constant quantiser or average bitrate
 * @param keyint         the longest group of pictures, at least 1; scene cuts start one earlier
 * @param colour         tagged in the stream
 * @param threads        groups of pictures encoded at once, at least 1; the bytes do not depend on it
 */
public record H264Config(
        int width,
        int height,
        int fpsNumerator,
        int fpsDenominator,
        Rate rate,
        int keyint,
        Colour colour,
        int threads) {
    public static final int MAX_SIZE = 8192;

    public H264Config {
        if (width < 1 || height < 1 || width > MAX_SIZE || height > MAX_SIZE)
            throw new IllegalArgumentException(
                    "H.264 pictures here are 1x1 to " + MAX_SIZE + "x" + MAX_SIZE + ", not " + width + "x" + height);
        if (fpsNumerator < 1 || fpsDenominator < 1)
            throw new IllegalArgumentException("a frame rate is positive, not " + fpsNumerator + "/" + fpsDenominator);
        if (keyint < 1) throw new IllegalArgumentException("keyint is at least 1, not " + keyint);
        if (threads < 1) throw new IllegalArgumentException("threads are at least 1, not " + threads);
    }

    /**
     * Quality 5, key frames at most 250 frames apart, BT.601 matrix under 720 lines and BT.709 from there on, one
     * thread.
     */
    public static H264Config of(int width, int height, int fpsNumerator, int fpsDenominator) {
        return new H264Config(
                width,
                height,
                fpsNumerator,
                fpsDenominator,
                new Rate.Quality(5),
                250,
                height < 720 ? Colour.BT601 : Colour.BT709,
                1);
    }

    public H264Config withRate(Rate rate) {
        return new H264Config(width, height, fpsNumerator, fpsDenominator, rate, keyint, colour, threads);
    }

    public H264Config withKeyint(int keyint) {
        return new H264Config(width, height, fpsNumerator, fpsDenominator, rate, keyint, colour, threads);
    }

    public H264Config withColour(Colour colour) {
        return new H264Config(width, height, fpsNumerator, fpsDenominator, rate, keyint, colour, threads);
    }

    public H264Config withThreads(int threads) {
        return new H264Config(width, height, fpsNumerator, fpsDenominator, rate, keyint, colour, threads);
    }

    int widthInMbs() {
        return (width + 15) / 16;
    }

    int heightInMbs() {
        return (height + 15) / 16;
    }
}
