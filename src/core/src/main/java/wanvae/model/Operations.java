package wanvae.model;

/**
 * Floating-point operations of a whole, untiled decode by direct convolution, a multiply-add counted as two: the
 * measure in which all speeds are given, whatever algorithm runs. Convolutions, linear layers and attention count;
 * norms, activations and sums do not.
 *
 * @param all      operations of all members of the batch, with every tap of every frame
 * @param zeroPast the part of {@code all} that multiplies the zero frames before the first one (0 for HunyuanVideo,
 *                 whose padding repeats an edge)
 */
public record Operations(double all, double zeroPast) {

    /** Operations for each output position of a convolution of {@code taps} taps. */
    public static double conv(int in, int out, int taps) {
        return 2.0 * in * out * taps;
    }

    /** Operations for each position of a residual block whose two convolutions have {@code taps} taps. */
    public static double resnet(int in, int out, int taps) {
        return conv(in, out, taps) + conv(out, out, taps) + (in == out ? 0 : conv(in, out, 1));
    }

    /**
     * Operations for each query of an attention: its four projections, its scores with {@code tokens} keys and the mean
     * of their values.
     */
    public static double attention(int channels, double tokens) {
        return 4 * conv(channels, channels, 1) + 2 * 2.0 * channels * tokens;
    }
}
