package wanvae.video.h264;

/** The transforms of DC coefficients (8.5.10, 8.5.11), in place over blocks in raster order. */
final class DcTransform {
    private DcTransform() {}

    /** The 4x4 Hadamard transform of luma DC coefficients; its own inverse but for scale. */
    static void hadamard4x4(int[] b) {
        for (int i = 0; i < 16; i += 4) butterfly(b, i, 1);
        for (int i = 0; i < 4; i++) butterfly(b, i, 4);
    }

    private static void butterfly(int[] b, int i, int step) {
        int s01 = b[i] + b[i + step], d01 = b[i] - b[i + step];
        int s23 = b[i + 2 * step] + b[i + 3 * step], d23 = b[i + 2 * step] - b[i + 3 * step];
        b[i] = s01 + s23;
        b[i + step] = s01 - s23;
        b[i + 2 * step] = d01 - d23;
        b[i + 3 * step] = d01 + d23;
    }

    /** The 2x2 Hadamard transform of chroma DC coefficients. */
    static void hadamard2x2(int[] b) {
        int s01 = b[0] + b[1], d01 = b[0] - b[1], s23 = b[2] + b[3], d23 = b[2] - b[3];
        b[0] = s01 + s23;
        b[1] = d01 + d23;
        b[2] = s01 - s23;
        b[3] = d01 - d23;
    }
}
