package wanvae.video.picture;

import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;

/**
 * A picture of 8-bit RGB with alpha: 0 is transparent, 255 opaque, and colours are not multiplied by it.
 *
 * @param bytes {@code [H][W][4]}
 */
public record Rgba(int height, int width, byte[] bytes) implements Picture {
    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public Rgba {
        if (height < 1 || width < 1 || bytes.length != 4L * height * width)
            throw new IllegalArgumentException("an RGBA picture of " + height + "x" + width + " needs "
                    + 4L * height * width + " bytes, not " + bytes.length);
    }

    @Override
    public boolean hasAlpha() {
        return true;
    }

    @Override
    public boolean isOpaque() {
        for (int i = 3; i < bytes.length; i += 4) if (bytes[i] != -1) return false;
        return true;
    }

    @Override
    public Rgb over(Background background) {
        byte[] rgb = new byte[3 * height * width];
        for (int from = 0, to = 0; from < bytes.length; from += 4)
            for (int c = 0, alpha = bytes[from + 3] & 255; c < 3; c++)
                rgb[to++] =
                        (byte) (((bytes[from + c] & 255) * alpha + background.level(c) * (255 - alpha) + 127) / 255);
        return new Rgb(height, width, rgb);
    }

    /** Over black. */
    @Override
    public Rgb toRgb(Quantization quantization) {
        return over(Background.BLACK);
    }

    @Override
    public Rgba toRgba(Quantization quantization) {
        return this;
    }

    /** {@code v / 127.5 - 1}. */
    @Override
    public Frame toFrame() {
        float[] pixels = new float[bytes.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (bytes[i] & 255) / 127.5f - 1f;
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }
}
