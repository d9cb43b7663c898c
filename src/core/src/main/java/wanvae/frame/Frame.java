package wanvae.frame;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

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

    /** Copies row {@code y}, {@code [W][3]}. */
    public void row(int y, float[] row) {
        MemorySegment.copy(pixels, JAVA_FLOAT_UNALIGNED, 12L * y * width, row, 0, 3 * width);
    }
}
