package wanvae.video.h264;

/**
 * Motion-compensated samples (8.4.2.2). Half-sample luma planes are made once a picture with the 6-tap filter; a quarter sample is the
 * rounded mean of its two nearest whole or half ones.
 */
final class Interpolation {
    /** Which two planes of {@link Picture#y} make the quarter position {@code 4 * (my & 3) + (mx & 3)}. */
    private static final int[] FIRST = {0, 1, 1, 1, 0, 1, 1, 1, 2, 3, 3, 3, 0, 1, 1, 1};
    private static final int[] SECOND = {0, 0, 1, 0, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 3, 2};

    private Interpolation() {}

    /** Fills planes 1 to 3 of a picture whose plane 0 is complete with its border; the outermost 3 samples are left as they are. */
    static void halfSamples(Picture picture) {
        int stride = picture.stride, rows = picture.height + 2 * Picture.BORDER;
        byte[] whole = picture.y[0], right = picture.y[1], down = picture.y[2], both = picture.y[3];
        int[] column = new int[stride];
        for (int row = 3; row < rows - 3; row++) {
            int at = row * stride;
            for (int x = 0; x < stride; x++) {
                int i = at + x;
                column[x] = (whole[i - 2 * stride] & 0xFF) + (whole[i + 3 * stride] & 0xFF)
                        - 5 * ((whole[i - stride] & 0xFF) + (whole[i + 2 * stride] & 0xFF)) + 20 * ((whole[i] & 0xFF) + (whole[i + stride] & 0xFF));
            }
            for (int x = 0; x < stride; x++) down[at + x] = (byte) clip(column[x] + 16 >> 5);
            for (int x = 3; x < stride - 3; x++) {
                int i = at + x;
                int across = (whole[i - 2] & 0xFF) + (whole[i + 3] & 0xFF) - 5 * ((whole[i - 1] & 0xFF) + (whole[i + 2] & 0xFF))
                        + 20 * ((whole[i] & 0xFF) + (whole[i + 1] & 0xFF));
                right[i] = (byte) clip(across + 16 >> 5);
            }
            for (int x = 3; x < stride - 3; x++) {
                int centre = column[x - 2] + column[x + 3] - 5 * (column[x - 1] + column[x + 2]) + 20 * (column[x] + column[x + 1]);
                both[at + x] = (byte) clip(centre + 512 >> 10);
            }
        }
    }

    private static int clip(int x) {
        return Math.max(0, Math.min(255, x));
    }

    /** Predicts {@code w} x {@code h} luma samples at ({@code x}, {@code y}) moved by quarter samples, into rows of 16. */
    static void luma(Picture reference, int x, int y, int mx, int my, int w, int h, byte[] out, int outAt) {
        int stride = reference.stride, quarter = (my & 3) * 4 + (mx & 3);
        int at = reference.at(x + (mx >> 2), y + (my >> 2));
        byte[] a = reference.y[FIRST[quarter]];
        int aAt = at + ((my & 3) == 3 ? stride : 0);
        if ((quarter & 5) == 0) {
            for (int row = 0; row < h; row++) System.arraycopy(a, aAt + row * stride, out, outAt + 16 * row, w);
            return;
        }
        byte[] b = reference.y[SECOND[quarter]];
        int bAt = at + ((mx & 3) == 3 ? 1 : 0);
        for (int row = 0; row < h; row++) {
            int ar = aAt + row * stride, br = bAt + row * stride, or = outAt + 16 * row;
            for (int col = 0; col < w; col++) out[or + col] = (byte) ((a[ar + col] & 0xFF) + (b[br + col] & 0xFF) + 1 >> 1);
        }
    }

    /** Predicts {@code w} x {@code h} samples of a chroma plane, moved by eighths, into rows of 8. */
    static void chroma(Picture reference, byte[] plane, int x, int y, int mx, int my, int w, int h, byte[] out, int outAt) {
        int stride = reference.stride / 2, dx = mx & 7, dy = my & 7;
        int at = reference.chromaAt(x + (mx >> 3), y + (my >> 3));
        int a = (8 - dx) * (8 - dy), b = dx * (8 - dy), c = (8 - dx) * dy, d = dx * dy;
        for (int row = 0; row < h; row++) {
            int i = at + row * stride, o = outAt + 8 * row;
            for (int col = 0; col < w; col++, i++)
                out[o + col] = (byte) (a * (plane[i] & 0xFF) + b * (plane[i + 1] & 0xFF) + c * (plane[i + stride] & 0xFF)
                        + d * (plane[i + stride + 1] & 0xFF) + 32 >> 6);
        }
    }
}
