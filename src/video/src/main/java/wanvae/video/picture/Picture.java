package wanvae.video.picture;

import java.awt.image.BufferedImage;
import wanvae.frame.Frame;

/**
 * A picture in one of the forms that frames come in, convertible to each form that an output needs. Conversions that
 * change nothing return the picture itself. The arrays or segments of a picture belong to its creator, and are valid as
 * long as the creator says.
 */
public sealed interface Picture permits SignedPicture, UnitPicture, Rgb, Rgba, DeepPicture, Yuv {
    /** Rows, at least 1. */
    int height();

    /** Columns, at least 1. */
    int width();

    /** Whether it has an alpha channel. */
    default boolean hasAlpha() {
        return false;
    }

    /** Whether no pixel is transparent. */
    default boolean isOpaque() {
        return true;
    }

    /** This picture on a background, without alpha; the picture itself if it has no alpha. */
    default Picture over(Background background) {
        return this;
    }

    /** 8-bit RGB, over black if it has alpha. {@code quantization} matters if this picture has more than 8 bits. */
    Rgb toRgb(Quantization quantization);

    /** 8-bit RGBA, opaque if it has no alpha. {@code quantization} matters if this picture has more than 8 bits. */
    default Rgba toRgba(Quantization quantization) {
        Rgb rgb = toRgb(quantization);
        byte[] bytes = new byte[4 * rgb.height() * rgb.width()];
        for (int from = 0, to = 0; to < bytes.length; from += 3, to += 4) {
            System.arraycopy(rgb.bytes(), from, bytes, to, 3);
            bytes[to + 3] = -1;
        }
        return new Rgba(rgb.height(), rgb.width(), bytes);
    }

    /**
     * 8-bit Y'CbCr with this matrix, over black if the picture has alpha. Floats are first truncated to 8-bit RGB, as
     * {@code export_to_video} does.
     */
    default Yuv toYuv(ColorMatrix matrix, Chroma chroma) {
        return Yuv.of(toRgb(Quantization.TRUNCATE), matrix, chroma);
    }

    /** Float RGB, or RGBA, nominally in [-1, 1]. */
    Frame toFrame();

    /**
     * A copy of an image's pixels: 16-bit samples and alpha are kept, grey and indexed images become RGB or RGBA.
     */
    static Picture of(BufferedImage image) {
        return ImagePixels.of(image);
    }
}
