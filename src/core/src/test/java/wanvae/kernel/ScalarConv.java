package wanvae.kernel;

/** The plain twin of every convolution: zeros or copies of the edges in space, causal in time, sums in double. */
final class ScalarConv {
    private ScalarConv() {}

    /** As the other one, or on an input widened by copies of its edges. */
    static float[] conv(
            float[] x,
            int frames,
            int h,
            int w,
            int in,
            float[] weight,
            int out,
            int kt,
            int kh,
            int kw,
            float[] bias,
            Border border) {
        if (border == Border.ZEROS) return conv(x, frames, h, w, in, weight, out, kt, kh, kw, bias);
        int tall = h + kh - 1, wide = w + kw - 1;
        float[] widened = new float[(kt - 1 + frames) * tall * wide * in], y = new float[frames * h * w * out];
        for (int p = 0; p < widened.length / in; p++) {
            int i = Math.clamp(p / wide % tall - kh / 2, 0, h - 1), j = Math.clamp(p % wide - kw / 2, 0, w - 1);
            System.arraycopy(x, ((p / (tall * wide) * h + i) * w + j) * in, widened, p * in, in);
        }
        float[] all = conv(widened, frames, tall, wide, in, weight, out, kt, kh, kw, bias);
        for (int p = 0; p < frames * h * w; p++)
            System.arraycopy(
                    all, ((p / (h * w) * tall + p / w % h + kh / 2) * wide + p % w + kw / 2) * out, y, p * out, out);
        return y;
    }

    /**
     * Zeros beyond the edges.
     *
     * @param x      {@code [kt-1+T][H][W][in]}, past frames first
     * @param weight {@code [out][in][kt][kh][kw]}
     * @return {@code [T][H][W][out]}
     */
    static float[] conv(
            float[] x,
            int frames,
            int h,
            int w,
            int in,
            float[] weight,
            int out,
            int kt,
            int kh,
            int kw,
            float[] bias) {
        float[] y = new float[frames * h * w * out];
        for (int t = 0; t < frames; t++)
            for (int i = 0; i < h; i++)
                for (int j = 0; j < w; j++)
                    for (int o = 0; o < out; o++) {
                        double s = bias[o];
                        for (int a = 0; a < kt; a++)
                            for (int b = 0; b < kh; b++)
                                for (int c = 0; c < kw; c++) {
                                    int yy = i + b - kh / 2, xx = j + c - kw / 2;
                                    if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
                                    for (int q = 0; q < in; q++)
                                        s += (double) x[(((t + a) * h + yy) * w + xx) * in + q]
                                                * weight[(((o * in + q) * kt + a) * kh + b) * kw + c];
                                }
                        y[((t * h + i) * w + j) * out + o] = (float) s;
                    }
        return y;
    }

    /**
     * 3x3 with stride 2 and zeros beyond the edges.
     *
     * @param before rows of zeros above, and columns left, of the first pixel that is seen
     * @return {@code [T][outH][outW][out]}
     */
    static float[] stride2(
            float[] x,
            int frames,
            int h,
            int w,
            int in,
            float[] weight,
            int out,
            int outH,
            int outW,
            int before,
            float[] bias) {
        float[] y = new float[frames * outH * outW * out];
        for (int p = 0; p < y.length; p++) {
            int o = p % out, j = p / out % outW, i = p / (out * outW) % outH, t = p / (out * outW * outH);
            double s = bias[o];
            for (int tap = 0; tap < 9; tap++) {
                int yy = 2 * i + tap / 3 - before, xx = 2 * j + tap % 3 - before;
                if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
                for (int q = 0; q < in; q++)
                    s += (double) x[((t * h + yy) * w + xx) * in + q] * weight[(o * in + q) * 9 + tap];
            }
            y[p] = (float) s;
        }
        return y;
    }
}
