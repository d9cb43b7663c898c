package wanvae.video.picture;

import wanvae.frame.Frame;

/** Frames at another size, by {@link Bicubic} interpolation that widens its kernel where they become smaller. */
public final class Resampling {
    private Resampling() {}

    /** A copy of a frame at another size; values stay in [-1, 1]. */
    public static Frame of(Frame frame, int height, int width) {
        int channels = frame.channels();
        Bicubic.Taps columns = Bicubic.Taps.of(width, frame.width(), (double) frame.width() / width);
        float[] wide = new float[channels * frame.height() * width], row = new float[channels * frame.width()];
        for (int y = 0; y < frame.height(); y++) {
            frame.row(y, row);
            for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++) {
                    float sum = 0;
                    for (int k = columns.first(x); k < columns.first(x + 1); k++)
                        sum += columns.weight()[k] * row[channels * columns.index()[k] + c];
                    wide[channels * (y * width + x) + c] = sum;
                }
        }
        Bicubic.Taps rows = Bicubic.Taps.of(height, frame.height(), (double) frame.height() / height);
        int stride = channels * width;
        float[] out = new float[stride * height];
        for (int y = 0; y < height; y++)
            for (int k = rows.first(y); k < rows.first(y + 1); k++) {
                int from = rows.index()[k] * stride;
                float weight = rows.weight()[k];
                for (int i = 0; i < stride; i++) out[y * stride + i] += weight * wide[from + i];
            }
        for (int i = 0; i < out.length; i++) out[i] = Math.clamp(out[i], -1f, 1f);
        return Frame.of(height, width, out);
    }
}
