package wanvae.video.picture;

import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;

/**
 * A picture of float RGB in [0, 1], as diffusers' {@code output_type="np"} gives them.
 *
 * @param values {@code [H][W][3]}
 */
public record UnitPicture(int height, int width, float[] values) implements Picture {
    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public UnitPicture {
        if (height < 1 || width < 1 || values.length != 3L * height * width)
            throw new IllegalArgumentException("a float picture of " + height + "x" + width + " needs "
                    + 3L * height * width + " values, not " + values.length);
    }

    @Override
    public Rgb toRgb(Quantization quantization) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = quantization.quantize(values[i]);
        return new Rgb(height, width, bytes);
    }

    /** {@code 2x - 1}. */
    @Override
    public Frame toFrame() {
        float[] pixels = new float[values.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = 2f * values[i] - 1f;
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }
}
