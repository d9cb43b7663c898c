package wanvae.video.h264;

import java.util.Arrays;

/**
 * A reconstructed picture, all planes with a border on every side so that motion may point outside. Of planes that are
 * coded as luma is there are, once {@link #makeReference} is done, the half samples too.
 */
final class Reconstruction {
    /** Width of the border in luma samples. */
    static final int BORDER = 32;

    final int width, height;
    private final ChromaFormat format;
    /** Distance of rows in luma, and in chroma. */
    final int stride, chromaStride;
    /**
     * {@code [plane][0]}: Y, Cb and Cr as coded; of planes coded as luma is then interpolated half a sample to the right,
     * down, and both.
     */
    final byte[][][] planes = new byte[3][][];
    /** The first of {@link #planes}. */
    final byte[][] y;

    /** Picture order count: twice the place in display order, from the last IDR picture on. */
    int order;

    /**
     * Of the 8x8 quarters in raster order: whether the motion is from the first picture of its list and at most a
     * quarter sample, so that direct mode takes the place for one that rests ({@code colZeroFlag} in 8.4.1.2.2).
     */
    final boolean[] still;
    /** Of the macroblocks in raster order: motion of the top left quarter in quarter samples. */
    final short[] motionX, motionY;
    /** How many pictures earlier the picture is shown that the motion refers to, negative if later; 0 without motion. */
    final byte[] motionDistance;

    /** @param width of luma in samples, whole macroblocks */
    Reconstruction(ChromaFormat format, int width, int height) {
        this.format = format;
        this.width = width;
        this.height = height;
        stride = width + 2 * BORDER;
        chromaStride = stride / format.step;
        int size = stride * (height + 2 * BORDER);
        for (int plane = 0; plane < 3; plane++)
            planes[plane] =
                    plane < format.likeLuma ? new byte[4][size] : new byte[1][size / (format.step * format.step)];
        y = planes[0];
        still = new boolean[width / 8 * (height / 8)];
        int macroblocks = width / 16 * (height / 16);
        motionX = new short[macroblocks];
        motionY = new short[macroblocks];
        motionDistance = new byte[macroblocks];
    }

    /** Index of a luma sample, which may lie in the border. */
    int at(int x, int y) {
        return (y + BORDER) * stride + BORDER + x;
    }

    /** Index of a chroma sample, which may lie in the border. */
    int chromaAt(int x, int y) {
        return (y + BORDER / format.step) * chromaStride + BORDER / format.step + x;
    }

    /** Fills the borders and the half samples from the decoded samples. */
    void makeReference() {
        int step = format.step;
        extend(y[0], stride, width, height, BORDER);
        for (int plane = 1; plane < 3; plane++)
            extend(planes[plane][0], chromaStride, width / step, height / step, BORDER / step);
        for (int plane = 0; plane < format.likeLuma; plane++) Interpolation.halfSamples(planes[plane], stride);
    }

    /** Fills the borders of luma, all planes of which are complete inside. */
    void extendLuma() {
        for (byte[] plane : y) extend(plane, stride, width, height, BORDER);
    }

    /** Keeps of the motion what direct mode and the search of later pictures ask for. */
    void keepMotion(MbGrid grid, ReferenceLists references) {
        for (int y = 0, i = 0; y < grid.height; y++)
            for (int x = 0; x < grid.width; x++, i++) {
                int at = grid.at8(x, y), list = grid.ref[0][at] >= 0 ? 0 : 1, ref = grid.ref[list][at];
                motionX[i] = grid.mx[list][at];
                motionY[i] = grid.my[list][at];
                motionDistance[i] = (byte) (ref < 0 ? 0 : references.distance(list, ref));
            }
        for (int row = 0, i = 0; row < 2 * grid.height; row++)
            for (int x = 0; x < 2 * grid.width; x++, i++) {
                int at = grid.at8(0, 0) + row * grid.stride8 + x, list = grid.ref[0][at] >= 0 ? 0 : 1;
                still[i] =
                        grid.ref[list][at] == 0 && Math.abs(grid.mx[list][at]) <= 1 && Math.abs(grid.my[list][at]) <= 1;
            }
    }

    /** What decoders show of the picture: cut to a size, without half a chroma sample. */
    YuvFrame shown(int width, int height) {
        int w = format.size(width), h = format.size(height), step = format.step;
        return new YuvFrame(
                format,
                step * w,
                step * h,
                cut(y[0], at(0, 0), stride, step * w, step * h),
                cut(planes[1][0], chromaAt(0, 0), chromaStride, w, h),
                cut(planes[2][0], chromaAt(0, 0), chromaStride, w, h));
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
