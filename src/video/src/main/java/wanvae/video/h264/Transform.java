package wanvae.video.h264;

/**
 * The integer transforms of H.264 (8.5.10 to 8.5.13) and their forward counterparts, in place over {@code int} blocks
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

    /** Forward 8x8 transform. */
    static void forward8x8(int[] b) {
        for (int i = 0; i < 64; i += 8) forward8(b, i, 1);
        for (int i = 0; i < 8; i++) forward8(b, i, 8);
    }

    private static void forward8(int[] b, int i, int n) {
        int s07 = b[i] + b[i + 7 * n],
                s16 = b[i + n] + b[i + 6 * n],
                s25 = b[i + 2 * n] + b[i + 5 * n],
                s34 = b[i + 3 * n] + b[i + 4 * n];
        int d07 = b[i] - b[i + 7 * n],
                d16 = b[i + n] - b[i + 6 * n],
                d25 = b[i + 2 * n] - b[i + 5 * n],
                d34 = b[i + 3 * n] - b[i + 4 * n];
        int a0 = s07 + s34, a1 = s16 + s25, a2 = s07 - s34, a3 = s16 - s25;
        int a4 = d16 + d25 + d07 + (d07 >> 1), a5 = d07 - d34 - d25 - (d25 >> 1);
        int a6 = d07 + d34 - d16 - (d16 >> 1), a7 = d16 - d25 + d34 + (d34 >> 1);
        b[i] = a0 + a1;
        b[i + n] = a4 + (a7 >> 2);
        b[i + 2 * n] = a2 + (a3 >> 1);
        b[i + 3 * n] = a5 + (a6 >> 2);
        b[i + 4 * n] = a0 - a1;
        b[i + 5 * n] = a6 - (a5 >> 2);
        b[i + 6 * n] = (a2 >> 1) - a3;
        b[i + 7 * n] = (a4 >> 2) - a7;
    }

    /** Inverse 8x8 transform, rounded to residual samples. */
    static void inverse8x8(int[] b) {
        for (int i = 0; i < 64; i += 8) inverse8(b, i, 1, 0, 0);
        for (int i = 0; i < 8; i++) inverse8(b, i, 8, 32, 6);
    }

    private static void inverse8(int[] b, int i, int n, int round, int shift) {
        int s1 = b[i + n],
                s2 = b[i + 2 * n],
                s3 = b[i + 3 * n],
                s5 = b[i + 5 * n],
                s6 = b[i + 6 * n],
                s7 = b[i + 7 * n];
        int a0 = b[i] + b[i + 4 * n] + round,
                a2 = b[i] - b[i + 4 * n] + round,
                a4 = (s2 >> 1) - s6,
                a6 = s2 + (s6 >> 1);
        int b0 = a0 + a6, b2 = a2 + a4, b4 = a2 - a4, b6 = a0 - a6;
        int a1 = s5 - s3 - s7 - (s7 >> 1),
                a3 = s1 + s7 - s3 - (s3 >> 1),
                a5 = s7 - s1 + s5 + (s5 >> 1),
                a7 = s3 + s5 + s1 + (s1 >> 1);
        int b1 = a1 + (a7 >> 2), b3 = a3 + (a5 >> 2), b5 = (a3 >> 2) - a5, b7 = a7 - (a1 >> 2);
        b[i] = b0 + b7 >> shift;
        b[i + n] = b2 + b5 >> shift;
        b[i + 2 * n] = b4 + b3 >> shift;
        b[i + 3 * n] = b6 + b1 >> shift;
        b[i + 4 * n] = b6 - b1 >> shift;
        b[i + 5 * n] = b4 - b3 >> shift;
        b[i + 6 * n] = b2 - b5 >> shift;
        b[i + 7 * n] = b0 - b7 >> shift;
    }
}
