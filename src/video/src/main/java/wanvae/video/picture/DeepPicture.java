package wanvae.video.picture;

import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;

/**
 * A picture of 16-bit RGB, or RGBA: 0 is transparent, 65535 opaque, and colours are not multiplied by it.
 *
 * @param values unsigned, {@code [H][W][3]}, or {@code [H][W][4]} with alpha
 */
public record DeepPicture(int height, int width, short[] values) implements Picture {
    private static final int MOST = 65535;

    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public DeepPicture {
        long pixels = (long) height * width;
        if (height < 1 || width < 1 || values.length != 3 * pixels && values.length != 4 * pixels)
            throw new IllegalArgumentException("a 16-bit picture of " + height + "x" + width + " needs " + 3 * pixels
                    + " values, or " + 4 * pixels + " with alpha, not " + values.length);
    }

    @Override
    public boolean hasAlpha() {
        return channels() == 4;
    }

    private int channels() {
        return values.length / (height * width);
    }

    @Override
    public boolean isOpaque() {
        for (int i = 3; hasAlpha() && i < values.length; i += 4) if (values[i] != -1) return false;
        return true;
    }

    @Override
    public DeepPicture over(Background background) {
        if (!hasAlpha()) return this;
        short[] rgb = new short[3 * height * width];
        for (int from = 0, to = 0; from < values.length; from += 4)
            for (int c = 0; c < 3; c++) {
                long alpha = values[from + 3] & MOST;
                long mixed = (values[from + c] & MOST) * alpha + 257L * background.level(c) * (MOST - alpha);
                rgb[to++] = (short) ((mixed + MOST / 2) / MOST);
            }
        return new DeepPicture(height, width, rgb);
    }

    private byte[] bytes(Quantization quantization) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = quantization.quantize((values[i] & MOST) / (float) MOST);
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

    /** {@code v / 32767.5 - 1}. */
    @Override
    public Frame toFrame() {
        float[] pixels = new float[values.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (values[i] & MOST) / 32767.5f - 1f;
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }
}
