package wanvae.video;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.awt.image.BufferedImage;
import java.lang.foreign.MemorySegment;

/**
 * A picture of float32 RGB, {@code [H][W][3]}, nominally in [-1, 1]. Whoever hands it out owns the memory;
 * a sink may read it during the call only.
 *
 * @param pixels {@code height * width * 3} floats
 */
public record Frame(int height, int width, MemorySegment pixels) implements Picture {
    public Frame {
        if (height < 1 || width < 1 || pixels.byteSize() != 12L * height * width)
            throw new IllegalArgumentException("a frame of " + height + "x" + width + " needs " + 12L * height * width
                    + " bytes, not " + pixels.byteSize());
    }

    /** A copy as 8-bit RGB, rounded as diffusers rounds for PIL: {@code round_half_even(clamp(x/2 + 1/2, 0, 1) * 255)}; NaN becomes 0. */
    public BufferedImage toBufferedImage() {
        return toRgb(Quantization.ROUND).toBufferedImage();
    }

    /**
     * A copy as 8-bit RGB: {@code quantize(clamp(x/2 + 1/2, 0, 1))}, diffusers' {@code VideoProcessor.postprocess_video}; NaN becomes 0.
     */
    @Override
    public Rgb toRgb(Quantization quantization) {
        byte[] bytes = new byte[3 * height * width];
        float[] row = new float[3 * width];
        for (int y = 0, at = 0; y < height; y++) {
            row(y, row);
            for (float x : row) bytes[at++] = quantization.quantize(x * 0.5f + 0.5f);
        }
        return new Rgb(height, width, bytes);
    }

    @Override
    public Frame toFrame() {
        return this;
    }

    /** Copies row {@code y}, {@code [W][3]}. */
    void row(int y, float[] row) {
        MemorySegment.copy(pixels, JAVA_FLOAT_UNALIGNED, 12L * y * width, row, 0, 3 * width);
    }
}
