package wanvae.video.container;

import wanvae.video.picture.ColorMatrix;
import wanvae.video.picture.Fps;
import wanvae.video.picture.PixelAspect;

/**
 * What a container says about its one video track. All pictures are shown for the same time.
 *
 * @param container the flavour of the format
 * @param fps       pictures a second
 * @param height    of the pictures shown, in pixels
 * @param width     of the pictures shown, in pixels
 * @param matrix    that made their Y'CbCr
 * @param pixelAspect the shape of a pixel
 * @param reordering by how many pictures the first one is shown later than it is decoded; 0 where the order of decoding
 *                  is that of display
 */
public record VideoTrack(
        Container container,
        Fps fps,
        int height,
        int width,
        ColorMatrix matrix,
        PixelAspect pixelAspect,
        int reordering) {
    /** Media times are counted at least this finely, as ffmpeg does. */
    private static final int LEAST_TIMESCALE = 10_000;

    /** The two flavours of the format: ISO/IEC 14496-12 and QuickTime. */
    public enum Container {
        /** MP4. */
        MP4,
        /** QuickTime. */
        MOV
    }

    /** The same with another {@link #reordering}. */
    public VideoTrack withReordering(int pictures) {
        return new VideoTrack(container, fps, height, width, matrix, pixelAspect, pictures);
    }

    /** Units of media time in a second. */
    public int timescale() {
        return fps.numerator() * multiple();
    }

    /** How long a picture is shown, in units of media time. */
    public int sampleDuration() {
        return fps.denominator() * multiple();
    }

    private int multiple() {
        int multiple = 1;
        while ((long) fps.numerator() * multiple < LEAST_TIMESCALE
                && 2L * fps.denominator() * multiple <= Integer.MAX_VALUE) multiple *= 2;
        return multiple;
    }

    /** Pictures in a second, rounded, at least 1: what one chunk of a file holds. */
    int samplesPerChunk() {
        return (int) Math.max(1, Math.min(1 << 20, Math.round(fps.value())));
    }
}
