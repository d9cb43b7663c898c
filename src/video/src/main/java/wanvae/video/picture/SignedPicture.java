package wanvae.video.picture;

import wanvae.frame.Frame;

/**
 * A decoder's frame as a picture: float RGB, nominally in [-1, 1], or RGBA, where an alpha of -1 is transparent.
 *
 * @param frame whose memory stays its creator's
 */
public record SignedPicture(Frame frame) implements Picture {
    @Override
    public int height() {
        return frame.height();
    }

    @Override
    public int width() {
        return frame.width();
    }

    @Override
    public boolean hasAlpha() {
        return frame.channels() == 4;
    }

    @Override
    public boolean isOpaque() {
        return !hasAlpha() || unit().isOpaque();
    }

    @Override
    public Picture over(Background background) {
        return hasAlpha() ? unit().over(background) : this;
    }

    /** {@code x/2 + 1/2}. */
    private UnitPicture unit() {
        int count = frame.channels() * width();
        float[] values = new float[count * height()];
        float[] row = new float[count];
        for (int y = 0, at = 0; y < height(); y++) {
            frame.row(y, row);
            for (float x : row) values[at++] = x * 0.5f + 0.5f;
        }
        return new UnitPicture(height(), width(), values);
    }

    /**
     * {@code quantize(clamp(x/2 + 1/2, 0, 1))}, diffusers' {@code VideoProcessor.postprocess_video}; NaN becomes 0.
     * Over black, where it has alpha.
     */
    @Override
    public Rgb toRgb(Quantization quantization) {
        return hasAlpha() ? unit().toRgb(quantization) : new Rgb(height(), width(), bytes(quantization));
    }

    @Override
    public Rgba toRgba(Quantization quantization) {
        return hasAlpha() ? new Rgba(height(), width(), bytes(quantization)) : Picture.super.toRgba(quantization);
    }

    private byte[] bytes(Quantization quantization) {
        int count = frame.channels() * width();
        byte[] bytes = new byte[count * height()];
        float[] row = new float[count];
        for (int y = 0, at = 0; y < height(); y++) {
            frame.row(y, row);
            for (float x : row) bytes[at++] = quantization.quantize(x * 0.5f + 0.5f);
        }
        return bytes;
    }

    @Override
    public Frame toFrame() {
        return frame;
    }
}
