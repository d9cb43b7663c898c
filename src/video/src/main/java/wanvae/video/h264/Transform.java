package wanvae.video.h264;

/**
 * The integer transforms of 4x4 and smaller blocks of H.264 (8.5.10 to 8.5.12) and their forward counterparts, in place over {@code int} blocks
 * in raster order. The inverse ones are exact by the standard; the forward ones are the matching matrices.
 */
final class Transform {
    private Transform() {}

    /** Forward 4x4 core transform of the 16 values from {@code at}. */
    static void forward4x4(int[] b, int at) {
        for (int i = at; i < at + 16; i += 4) {
            int s03 = b[i] + b[i + 3], d03 = b[i] - b[i + 3], s12 = b[i + 1] + b[i + 2], d12 = b[i + 1] - b[i + 2];
            b[i] = s03 + s12;
            b[i + 1] = 2 * d03 + d12;
            b[i + 2] = s03 - s12;
            b[i + 3] = d03 - 2 * d12;
        }
        for (int i = at; i < at + 4; i++) {
            int s03 = b[i] + b[i + 12], d03 = b[i] - b[i + 12], s12 = b[i + 4] + b[i + 8], d12 = b[i + 4] - b[i + 8];
            b[i] = s03 + s12;
            b[i + 4] = 2 * d03 + d12;
            b[i + 8] = s03 - s12;
            b[i + 12] = d03 - 2 * d12;
        }
    }

    /** Inverse 4x4 core transform, rounded to residual samples. */
    static void inverse4x4(int[] b, int at) {
        for (int i = at; i < at + 16; i += 4) {
            int e = b[i] + b[i + 2],
                    f = b[i] - b[i + 2],
                    g = (b[i + 1] >> 1) - b[i + 3],
                    h = b[i + 1] + (b[i + 3] >> 1);
            b[i] = e + h;
            b[i + 1] = f + g;
            b[i + 2] = f - g;
            b[i + 3] = e - h;
        }
        for (int i = at; i < at + 4; i++) {
            int e = b[i] + b[i + 8] + 32,
                    f = b[i] - b[i + 8] + 32,
                    g = (b[i + 4] >> 1) - b[i + 12],
                    h = b[i + 4] + (b[i + 12] >> 1);
            b[i] = e + h >> 6;
            b[i + 4] = f + g >> 6;
            b[i + 8] = f - g >> 6;
            b[i + 12] = e - h >> 6;
        }
    }

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
