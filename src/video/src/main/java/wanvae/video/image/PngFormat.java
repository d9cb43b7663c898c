package wanvae.video.image;

import wanvae.video.picture.DeepPicture;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Quantization;

/**
 * How a PNG stores pixels.
 *
 * @param alpha whether they have an alpha channel
 * @param deep  whether samples have 16 bits, else 8
 */
public record PngFormat(boolean alpha, boolean deep) {
    /**
     * The format that keeps everything a picture has. Floats are rounded to 8 bits as diffusers rounds them for PIL.
     */
    public static PngFormat of(Picture picture) {
        return new PngFormat(picture.hasAlpha(), picture instanceof DeepPicture);
    }

    int bytesPerPixel() {
        return (alpha ? 4 : 3) * (deep ? 2 : 1);
    }

    int bitDepth() {
        return deep ? 16 : 8;
    }

    /** The header's number for RGB or RGBA. */
    int colorType() {
        return alpha ? 6 : 2;
    }

    /** A picture's pixels row by row, samples of 16 bits in network order. */
    byte[] bytes(Picture picture) {
        if (!deep)
            return alpha
                    ? picture.toRgba(Quantization.ROUND).bytes()
                    : picture.toRgb(Quantization.ROUND).bytes();
        if (picture instanceof DeepPicture whole && whole.hasAlpha() == alpha) return bytes(whole.values());
        // A picture of 8 bits in an animation that began with one of 16.
        byte[] levels = new PngFormat(alpha, false).bytes(picture);
        short[] values = new short[levels.length];
        for (int i = 0; i < values.length; i++) values[i] = (short) (257 * (levels[i] & 255));
        return bytes(values);
    }

    private static byte[] bytes(short[] values) {
        byte[] bytes = new byte[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[2 * i] = (byte) (values[i] >> 8);
            bytes[2 * i + 1] = (byte) values[i];
        }
        return bytes;
    }
}
