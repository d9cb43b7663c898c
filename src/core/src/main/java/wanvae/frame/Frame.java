package wanvae.frame;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;

/**
 * A picture of float32 RGB, {@code [H][W][3]}, nominally in [-1, 1], or of RGBA, {@code [H][W][4]}, where a VAE makes
 * pictures with alpha (-1 is transparent, colours are not multiplied by it). It is a view: the memory belongs to the
 * one that hands the frame out, and a sink may read it during the call only. Reading a frame whose memory was freed
 * throws an {@link IllegalStateException}.
 *
 * @param height pixels, at least 1
 * @param width  pixels, at least 1
 * @param pixels exactly {@code 12·height·width} bytes, or {@code 16·height·width} with alpha: floats in native byte
 *               order, on the heap or off it, at any alignment
 */
public record Frame(int height, int width, MemorySegment pixels) {
    /**
     * A view of memory.
     *
     * @throws IllegalArgumentException if the memory has another size, was freed, or is confined to another thread
     */
    public Frame {
        if (height < 1 || width < 1 || (long) height * width > Long.MAX_VALUE / 16)
            throw new IllegalArgumentException("a frame cannot have " + height + "x" + width + " pixels");
        if (pixels.byteSize() != 12L * height * width && pixels.byteSize() != 16L * height * width)
            throw new IllegalArgumentException("a frame of " + height + "x" + width + " needs " + 12L * height * width
                    + " bytes, or " + 16L * height * width + " with alpha, not " + pixels.byteSize());
        if (!pixels.scope().isAlive()) throw new IllegalArgumentException("the memory of a frame was freed");
        if (!pixels.isAccessibleBy(Thread.currentThread()))
            throw new IllegalArgumentException("the memory of a frame is confined to another thread");
    }

    /**
     * A view of an array.
     *
     * @param pixels {@code [H][W][3]}, or {@code [H][W][4]} with alpha, exactly
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static Frame of(int height, int width, float[] pixels) {
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }

    /**
     * A copy of what remains in a buffer of any kind and byte order; its position stays.
     *
     * @param pixels {@code [H][W][3]}, or {@code [H][W][4]} with alpha, exactly
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static Frame of(int height, int width, FloatBuffer pixels) {
        float[] copy = new float[pixels.remaining()];
        pixels.get(pixels.position(), copy);
        return of(height, width, copy);
    }

    /** Channels of a pixel: 3, or 4 with alpha. */
    public int channels() {
        return (int) (pixels.byteSize() / (4L * height * width));
    }

    /**
     * Copies row {@code y} into an array.
     *
     * @param y   from the top, 0 … height-1
     * @param row {@code [W][channels]}, at least {@code channels·width} floats
     * @throws IndexOutOfBoundsException if there is no such row, or it does not fit
     */
    public void row(int y, float[] row) {
        int count = channels() * width;
        MemorySegment.copy(pixels, JAVA_FLOAT_UNALIGNED, 4L * y * count, row, 0, count);
    }
}
