package wanvae.video.h264;

import java.util.function.Consumer;

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
 * @param color         tagged in the stream
 * @param sarWidth       width of a pixel in units of its height's, 1 to 65535, tagged in the stream
 * @param sarHeight      see sarWidth
 * @param lookahead      pictures that decisions may depend on beyond the one being coded, 0 to {@link #MAX_LOOKAHEAD}; with
 *                       0 a picture is delivered before the call that brought it returns
 * @param effort         how much work goes into it
 * @param chroma         how many samples of Cb and Cr pictures have
 * @param threads        of the encoder's own, at least 1; the bytes do not depend on it
 */
public record H264Config(
        int width,
        int height,
        int fpsNumerator,
        int fpsDenominator,
        Rate rate,
        int keyint,
        ColorDescription color,
        int sarWidth,
        int sarHeight,
        int lookahead,
        Effort effort,
        ChromaFormat chroma,
        int threads) {
    public static final int MAX_SIZE = 8192;
    public static final int MAX_LOOKAHEAD = 40;

    public H264Config {
        if (width < 1 || height < 1 || width > MAX_SIZE || height > MAX_SIZE)
            throw new IllegalArgumentException(
                    "H.264 pictures here are 1x1 to " + MAX_SIZE + "x" + MAX_SIZE + ", not " + width + "x" + height);
        if (fpsNumerator < 1 || fpsDenominator < 1)
            throw new IllegalArgumentException("a frame rate is positive, not " + fpsNumerator + "/" + fpsDenominator);
        if (keyint < 1) throw new IllegalArgumentException("keyint is at least 1, not " + keyint);
        if (Math.min(sarWidth, sarHeight) < 1 || Math.max(sarWidth, sarHeight) > 65535)
            throw new IllegalArgumentException("pixel aspects are 1 to 65535, not " + sarWidth + ":" + sarHeight);
        if (lookahead < 0 || lookahead > MAX_LOOKAHEAD)
            throw new IllegalArgumentException("lookahead is 0 to " + MAX_LOOKAHEAD + ", not " + lookahead);
        if (threads < 1) throw new IllegalArgumentException("threads are at least 1, not " + threads);
    }

    /**
     * 4:2:0, quality 5, key frames at most 250 frames apart, BT.601 matrix under 720 lines and BT.709 from there on, one
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
                height < 720 ? ColorDescription.BT601 : ColorDescription.BT709,
                1,
                1,
                MAX_LOOKAHEAD,
                Effort.MEDIUM,
                ChromaFormat.YUV420,
                1);
    }

    public H264Config withPixelAspect(int sarWidth, int sarHeight) {
        return changed(draft -> {
            draft.sarWidth = sarWidth;
            draft.sarHeight = sarHeight;
        });
    }

    public H264Config withLookahead(int lookahead) {
        return changed(draft -> draft.lookahead = lookahead);
    }

    public H264Config withRate(Rate rate) {
        return changed(draft -> draft.rate = rate);
    }

    public H264Config withKeyint(int keyint) {
        return changed(draft -> draft.keyint = keyint);
    }

    public H264Config withColor(ColorDescription color) {
        return changed(draft -> draft.color = color);
    }

    public H264Config withEffort(Effort effort) {
        return changed(draft -> draft.effort = effort);
    }

    public H264Config withChroma(ChromaFormat chroma) {
        return changed(draft -> draft.chroma = chroma);
    }

    public H264Config withThreads(int threads) {
        return changed(draft -> draft.threads = threads);
    }

    private H264Config changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return new H264Config(
                width,
                height,
                fpsNumerator,
                fpsDenominator,
                draft.rate,
                draft.keyint,
                draft.color,
                draft.sarWidth,
                draft.sarHeight,
                draft.lookahead,
                draft.effort,
                draft.chroma,
                draft.threads);
    }

    /** What can be changed, while it is. */
    private static final class Draft {
        Rate rate;
        int keyint;
        ColorDescription color;
        int sarWidth;
        int sarHeight;
        int lookahead;
        Effort effort;
        ChromaFormat chroma;
        int threads;

        Draft(H264Config config) {
            rate = config.rate;
            keyint = config.keyint;
            color = config.color;
            sarWidth = config.sarWidth;
            sarHeight = config.sarHeight;
            lookahead = config.lookahead;
            effort = config.effort;
            chroma = config.chroma;
            threads = config.threads;
        }
    }

    /**
     * By how many pictures the first one is shown later than it is decoded: so that a picture may be decoded before
     * others that are shown before it. 0 if the lookahead is too short for B pictures.
     */
    public int reordering() {
        return mostB() > 1 ? 2 : mostB();
    }

    /** Most B pictures in a row: none where the lookahead is too short for them. */
    int mostB() {
        return lookahead < 4 ? 0 : 3;
    }

    int widthInMbs() {
        return (width + 15) / 16;
    }

    int heightInMbs() {
        return (height + 15) / 16;
    }
}
