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

    /** A copy of an image's pixels; transparency is dropped, grey and indexed images become RGB. */
    public static Rgb of(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        byte[] bytes = new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))];
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
            grey(image, bytes);
            return new Rgb(height, width, bytes);
        }
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                bytes[at++] = (byte) (pixel >> 16);
                bytes[at++] = (byte) (pixel >> 8);
                bytes[at++] = (byte) pixel;
            }
        }
        return new Rgb(height, width, bytes);
    }

    /**
     * Java takes grey samples for linear light and would brighten them; in PNGs and everywhere else they are encoded
     * like sRGB.
     */
    private static void grey(BufferedImage image, byte[] bytes) {
        Raster raster = image.getRaster();
        double scale = 255.0 / ((1 << image.getColorModel().getComponentSize(0)) - 1);
        int[] row = new int[image.getWidth()];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            for (int sample : row) {
                byte level = (byte) Math.round(sample * scale);
                for (int c = 0; c < 3; c++) bytes[at++] = level;
            }
        }
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
