package wanvae.video.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.lang.foreign.MemorySegment;
import wanvae.frame.Frame;

/**
 * A picture of 8-bit RGB.
 *
 * @param bytes {@code [H][W][3]}
 */
public record Rgb(int height, int width, byte[] bytes) implements Picture {
    /** @throws IllegalArgumentException if a size is less than 1 or an array's length does not fit */
    public Rgb {
        if (height < 1 || width < 1 || bytes.length != 3L * height * width)
            throw new IllegalArgumentException("an RGB picture of " + height + "x" + width + " needs "
                    + 3L * height * width + " bytes, not " + bytes.length);
    }

    /**
     * A decoder's frame as diffusers makes PIL images of it: {@code round_half_even(clamp(x/2 + 1/2, 0, 1) * 255)}; NaN
     * becomes 0.
     */
    public static Rgb of(Frame frame) {
        return new SignedPicture(frame).toRgb(Quantization.ROUND);
    }

    /** A copy of an image's pixels, over black where it has alpha; grey and indexed images become RGB. */
    public static Rgb of(BufferedImage image) {
        return Picture.of(image).toRgb(Quantization.ROUND);
    }

    @Override
    public Rgb toRgb(Quantization quantization) {
        return this;
    }

    /** {@code v / 127.5 - 1}. */
    @Override
    public Frame toFrame() {
        float[] pixels = new float[bytes.length];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (bytes[i] & 255) / 127.5f - 1f;
        return new Frame(height, width, MemorySegment.ofArray(pixels));
    }

    /** An sRGB image over these very bytes. */
    public BufferedImage toBufferedImage() {
        var model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB),
                false,
                false,
                java.awt.Transparency.OPAQUE,
                DataBuffer.TYPE_BYTE);
        var raster = Raster.createInterleavedRaster(
                new DataBufferByte(bytes, bytes.length), width, height, 3 * width, 3, new int[] {0, 1, 2}, null);
        return new BufferedImage(model, raster, false, null);
    }
}
