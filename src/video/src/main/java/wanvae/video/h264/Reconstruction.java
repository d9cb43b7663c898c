package wanvae.video.h264;

import java.util.Arrays;

/**
 * A reconstructed picture, all planes with a border on every side so that motion may point outside. Of luma there are,
 * once {@link #makeReference} is done, the half-sample planes too.
 */
final class Reconstruction {
    /** Width of the border in luma samples; half of it in chroma. */
    static final int BORDER = 32;

    final int width, height;
    /** Distance of rows in luma; half of it in chroma. */
    final int stride;
    /** {@code y[0]} as coded, then interpolated half a sample to the right, down, and both. */
    final byte[][] y = new byte[4][];

    final byte[] u, v;

    /** Picture order count: twice the place in display order, from the last IDR picture on. */
    int order;

    /**
     * Of the 8x8 quarters in raster order: whether the motion is from the first picture of its list and at most a
     * quarter sample, so that direct mode takes the place for one that rests ({@code colZeroFlag} in 8.4.1.2.2).
     */
    final boolean[] still;

    /** @param width of luma in samples, whole macroblocks */
    Reconstruction(int width, int height) {
        this.width = width;
        this.height = height;
        stride = width + 2 * BORDER;
        for (int i = 0; i < 4; i++) y[i] = new byte[stride * (height + 2 * BORDER)];
        u = new byte[stride / 2 * (height / 2 + BORDER)];
        v = new byte[u.length];
        still = new boolean[width / 8 * (height / 8)];
    }

    /** Index of a luma sample, which may lie in the border. */
    int at(int x, int y) {
        return (y + BORDER) * stride + BORDER + x;
    }

    /** Index of a chroma sample, which may lie in the border. */
    int chromaAt(int x, int y) {
        return (y + BORDER / 2) * (stride / 2) + BORDER / 2 + x;
    }

    /** Fills the borders and the half-sample planes from the decoded samples. */
    void makeReference() {
        extend(y[0], stride, width, height, BORDER);
        extend(u, stride / 2, width / 2, height / 2, BORDER / 2);
        extend(v, stride / 2, width / 2, height / 2, BORDER / 2);
        Interpolation.halfSamples(this);
    }

    /** Fills the borders of luma, all planes of which are complete inside. */
    void extendLuma() {
        for (byte[] plane : y) extend(plane, stride, width, height, BORDER);
    }

    /** Keeps of the motion what direct mode of later pictures asks for. */
    void keepMotion(MbGrid grid) {
        for (int row = 0, i = 0; row < 2 * grid.height; row++)
            for (int x = 0; x < 2 * grid.width; x++, i++) {
                int at = grid.at8(0, 0) + row * grid.stride8 + x, list = grid.ref[0][at] >= 0 ? 0 : 1;
                still[i] =
                        grid.ref[list][at] == 0 && Math.abs(grid.mx[list][at]) <= 1 && Math.abs(grid.my[list][at]) <= 1;
            }
    }

    /** What decoders show of the picture: cut to a size, without half a chroma sample. */
    YuvFrame shown(int width, int height) {
        int w = width + 1 & ~1, h = height + 1 & ~1;
        return new YuvFrame(
                w,
                h,
                cut(y[0], at(0, 0), stride, w, h),
                cut(u, chromaAt(0, 0), stride / 2, w / 2, h / 2),
                cut(v, chromaAt(0, 0), stride / 2, w / 2, h / 2));
    }

    private static byte[] cut(byte[] plane, int at, int stride, int width, int height) {
        byte[] out = new byte[width * height];
        for (int row = 0; row < height; row++) System.arraycopy(plane, at + row * stride, out, row * width, width);
        return out;
    }

    private static void extend(byte[] plane, int stride, int width, int height, int border) {
        for (int row = border; row < border + height; row++) {
            int start = row * stride;
            Arrays.fill(plane, start, start + border, plane[start + border]);
            Arrays.fill(plane, start + border + width, start + stride, plane[start + border + width - 1]);
        }
        for (int row = 0; row < border; row++) {
            System.arraycopy(plane, border * stride, plane, row * stride, stride);
            System.arraycopy(plane, (border + height - 1) * stride, plane, (border + height + row) * stride, stride);
        }
    }
}
