package wanvae.video.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;

/** Reads the pixels of images. */
final class ImagePixels {
    private ImagePixels() {}

    static Picture of(BufferedImage image) {
        ColorModel model = image.getColorModel();
        boolean alpha = model.hasAlpha();
        boolean samples = !(model instanceof IndexColorModel) && !model.isAlphaPremultiplied();
        int bits = model.getComponentSize(0);
        if (samples && bits == 16) return deep(image, alpha);
        if (samples && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY) return grey(image, alpha, bits);
        int height = image.getHeight(), width = image.getWidth(), channels = alpha ? 4 : 3;
        byte[] bytes = new byte[Math.multiplyExact(channels, Math.multiplyExact(height, width))];
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                bytes[at++] = (byte) (pixel >> 16);
                bytes[at++] = (byte) (pixel >> 8);
                bytes[at++] = (byte) pixel;
                if (alpha) bytes[at++] = (byte) (pixel >> 24);
            }
        }
        return alpha ? new Rgba(height, width, bytes) : new Rgb(height, width, bytes);
    }

    /**
     * Copies grey samples directly. Java takes them for linear light and would brighten them, but in PNGs and other
     * files they are encoded like sRGB.
     */
    private static Picture grey(BufferedImage image, boolean alpha, int bits) {
        int height = image.getHeight(), width = image.getWidth(), channels = alpha ? 4 : 3;
        int[] samples = samples(image);
        int bands = image.getRaster().getNumBands();
        double scale = 255.0 / ((1 << bits) - 1);
        byte[] bytes = new byte[Math.multiplyExact(channels, Math.multiplyExact(height, width))];
        for (int from = 0, to = 0; to < bytes.length; from += bands) {
            for (int c = 0; c < 3; c++) bytes[to++] = (byte) Math.round(samples[from] * scale);
            if (alpha) bytes[to++] = (byte) Math.round(samples[from + bands - 1] * scale);
        }
        return alpha ? new Rgba(height, width, bytes) : new Rgb(height, width, bytes);
    }

    private static DeepPicture deep(BufferedImage image, boolean alpha) {
        int height = image.getHeight(), width = image.getWidth(), channels = alpha ? 4 : 3;
        int[] samples = samples(image);
        int bands = image.getRaster().getNumBands();
        int colours = bands - (alpha ? 1 : 0);
        short[] values = new short[Math.multiplyExact(channels, Math.multiplyExact(height, width))];
        for (int from = 0, to = 0; to < values.length; from += bands) {
            for (int c = 0; c < 3; c++) values[to++] = (short) samples[from + (colours == 1 ? 0 : c)];
            if (alpha) values[to++] = (short) samples[from + bands - 1];
        }
        return new DeepPicture(height, width, values);
    }

    private static int[] samples(BufferedImage image) {
        return image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
    }
}
