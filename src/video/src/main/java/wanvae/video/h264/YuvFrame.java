package wanvae.video.h264;

import java.util.Arrays;

/**
 * A picture in 8 bits, planes tightly packed, limited range by convention: {@code y} is {@code [height][width]}; {@code
 * u} and {@code v} are as large in 4:4:4, and {@code [(height + 1) / 2][(width + 1) / 2]} in 4:2:0. Any size from 1x1.
 * 4:2:0 streams crop by whole chroma samples, so an odd size is shown one column or row larger, repeated from the last.
 * The arrays are the creator's; whoever is handed a frame reads it during the call only.
 */
public record YuvFrame(ChromaFormat format, int width, int height, byte[] y, byte[] u, byte[] v) {
    public YuvFrame {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("a frame of " + width + "x" + height + " has no pixels");
        long chroma = (long) format.size(width) * format.size(height);
        if (y.length != (long) width * height || u.length != chroma || v.length != chroma)
            throw new IllegalArgumentException("a " + format + " frame of " + width + "x" + height + " has planes of "
                    + (long) width * height + ", " + chroma + " and " + chroma + " bytes, not " + y.length + ", "
                    + u.length + " and " + v.length);
    }

    /** A black frame (limited range) of the given size. */
    public static YuvFrame black(ChromaFormat format, int width, int height) {
        int chroma = format.size(width) * format.size(height);
        YuvFrame frame =
                new YuvFrame(format, width, height, new byte[width * height], new byte[chroma], new byte[chroma]);
        Arrays.fill(frame.y, (byte) 16);
        Arrays.fill(frame.u, (byte) 128);
        Arrays.fill(frame.v, (byte) 128);
        return frame;
    }

    public int chromaWidth() {
        return format.size(width);
    }

    public int chromaHeight() {
        return format.size(height);
    }
}
