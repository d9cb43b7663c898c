package wanvae.video.h264;

import java.util.Arrays;

/**
 * A picture in 8-bit 4:2:0, planes tightly packed, limited range by convention: {@code y} is {@code [height][width]},
 * {@code u} and {@code v} are {@code [(height + 1) / 2][(width + 1) / 2]}. Any size from 1x1. 4:2:0 streams crop by
 * whole chroma samples, so an odd size is shown one column or row larger, repeated from the last. The arrays are the
 * creator's; whoever is handed a frame reads it during the call only.
 */
public record YuvFrame(int width, int height, byte[] y, byte[] u, byte[] v) {
    public YuvFrame {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("a frame of " + width + "x" + height + " has no pixels");
        long chroma = (long) ((width + 1) / 2) * ((height + 1) / 2);
        if (y.length != (long) width * height || u.length != chroma || v.length != chroma)
            throw new IllegalArgumentException("a 4:2:0 frame of " + width + "x" + height + " has planes of "
                    + (long) width * height + ", " + chroma + " and " + chroma + " bytes, not " + y.length + ", "
                    + u.length + " and " + v.length);
    }

    /** A black frame (limited range) of the given size. */
    public static YuvFrame black(int width, int height) {
        int chroma = (width + 1) / 2 * ((height + 1) / 2);
        YuvFrame frame = new YuvFrame(width, height, new byte[width * height], new byte[chroma], new byte[chroma]);
        Arrays.fill(frame.y, (byte) 16);
        Arrays.fill(frame.u, (byte) 128);
        Arrays.fill(frame.v, (byte) 128);
        return frame;
    }

    public int chromaWidth() {
        return (width + 1) / 2;
    }

    public int chromaHeight() {
        return (height + 1) / 2;
    }
}
