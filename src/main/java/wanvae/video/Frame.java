package wanvae.video;

import java.awt.image.BufferedImage;
import java.lang.foreign.MemorySegment;

/**
 * A picture of float32 RGB, {@code [H][W][3]}, nominally in [-1, 1]. Whoever hands it out owns the memory;
 * a sink may read it during the call only.
 *
 * @param pixels {@code height * width * 3} floats
 */
public record Frame(int height, int width, MemorySegment pixels) {
    public Frame {
        if (height < 1 || width < 1 || pixels.byteSize() != 12L * height * width)
            throw new IllegalArgumentException("a frame of " + height + "x" + width + " needs " + 12L * height * width
                    + " bytes, not " + pixels.byteSize());
    }

    /** A copy as 8-bit RGB, rounded as diffusers rounds for PIL: {@code round_half_even(clamp(x/2 + 1/2, 0, 1) * 255)}; NaN becomes 0. */
    public BufferedImage toBufferedImage() {
        throw new UnsupportedOperationException("not written yet");
    }
}
