package wanvae.video.picture;

import wanvae.frame.Frame;

/**
 * A picture in one of the forms that frames come in, convertible to each form that an output needs. Conversions that
 * change nothing return the picture itself. The arrays or segments of a picture are its creator's, and valid as long as
 * the creator says.
 */
public sealed interface Picture permits SignedPicture, UnitPicture, Rgb, Yuv {
    /** Rows, at least 1. */
    int height();

    /** Columns, at least 1. */
    int width();

    /** 8-bit RGB; {@code quantization} matters where this picture holds floats. */
    Rgb toRgb(Quantization quantization);

    /** 8-bit 4:2:0 of this matrix; floats are truncated to 8-bit RGB first, as {@code export_to_video} does. */
    default Yuv toYuv(ColorMatrix matrix) {
        return Yuv.of(toRgb(Quantization.TRUNCATE), matrix);
    }

    /** Float RGB, nominally in [-1, 1]. */
    Frame toFrame();
}
