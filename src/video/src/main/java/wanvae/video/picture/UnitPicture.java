package wanvae.video.picture;

import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;

/**
 * A picture of float RGB in [0, 1], as diffusers' {@code output_type="np"} gives them, or RGBA: 0 is transparent, and
 * colours are not multiplied by it.
 *
 * @param values {@code [H][W][3]}, or {@code [H][W][4]} with alpha
 */
public record UnitPicture(int height, int width, float[] values) implements Picture {
    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public UnitPicture {
        long pixels = (long) height * width;
        if (height < 1 || width < 1 || values.length != 3 * pixels && values.length != 4 * pixels)
            throw new IllegalArgumentException("a float picture of " + height + "x" + width + " needs " + 3 * pixels
                    + " values, or " + 4 * pixels + " with alpha, not " + values.length);
    }

    @Override
    public boolean hasAlpha() {
        return values.length == 4 * height * width;
    }

    @Override
    public boolean isOpaque() {
        for (int i = 3; hasAlpha() && i < values.length; i += 4) if (values[i] < 1) return false;
        return true;
    }

    @Override
    public UnitPicture over(Background background) {
        if (!hasAlpha()) return this;
        float[] rgb = new float[3 * height * width];
        for (int from = 0, to = 0; from < values.length; from += 4)
            for (int c = 0; c < 3; c++) {
                float alpha = Math.clamp(values[from + 3], 0, 1);
                rgb[to++] = values[from + c] * alpha + background.unit(c) * (1 - alpha);
            }
        return new UnitPicture(height, width, rgb);
    }

    private byte[] bytes(Quantization quantization) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = quantization.quantize(values[i]);
        return bytes;
    }

    /** Over black, where it has alpha. */
    @Override
    public Rgb toRgb(Quantization quantization) {
        return hasAlpha() ? over(Background.BLACK).toRgb(quantization) : new Rgb(height, width, bytes(quantization));
    }

    @Override
    public Rgba toRgba(Quantization quantization) {
        return hasAlpha() ? new Rgba(height, width, bytes(quantization)) : Picture.super.toRgba(quantization);
    }

    /** {@code 2x - 1}. */
    @Override
    public Frame toFrame() {
        float[] pixels = new float[values.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = 2f * values[i] - 1f;
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }
}
