package wanvae.video.picture;

import wanvae.frame.Frame;

/**
 * A decoder's frame as a picture: float RGB, nominally in [-1, 1].
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

    /** {@code quantize(clamp(x/2 + 1/2, 0, 1))}, diffusers' {@code VideoProcessor.postprocess_video}; NaN becomes 0. */
    @Override
    public Rgb toRgb(Quantization quantization) {
        byte[] bytes = new byte[3 * height() * width()];
        float[] row = new float[3 * width()];
        for (int y = 0, at = 0; y < height(); y++) {
            frame.row(y, row);
            for (float x : row) bytes[at++] = quantization.quantize(x * 0.5f + 0.5f);
        }
        return new Rgb(height(), width(), bytes);
    }

    @Override
    public Frame toFrame() {
        return frame;
    }
}
