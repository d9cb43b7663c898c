package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Vectors against plain loops. */
class Transform8x8Test {
    private final Random random = new Random(1);
    private final byte[] source = new byte[32 * 10], pred = new byte[16 * 10], out = new byte[40 * 10];
    private final Transform8x8 transform = new Transform8x8();
    private final short[] coefficients = new short[64];

    private void fill(int round) {
        random.nextBytes(source);
        random.nextBytes(pred);
        if (round % 3 == 0) for (int i = 0; i < source.length; i++) source[i] = (byte) (source[i] < 0 ? 0 : 255);
        if (round % 5 == 0) for (int i = 0; i < pred.length; i++) pred[i] = (byte) ~source[i / 16 * 32 + i % 16];
    }

    @Test
    void coefficientsAreThoseOfTheMatrix() {
        for (int round = 0; round < 300; round++) {
            fill(round);
            int[] columns = new int[64];
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++)
                    columns[8 * x + y] = (source[5 + 32 * y + x] & 0xFF) - (pred[3 + 16 * y + x] & 0xFF);
            forward8x8(columns); // downwards first, as the blocks are in columns
            transform.forward(source, 5, 32, pred, 3, 16, coefficients);
            for (int i = 0; i < 64; i++) assertEquals(columns[i], coefficients[i]);
        }
    }

    @Test
    void residualIsTheStandards() {
        for (int round = 0; round < 300; round++) {
            fill(round);
            transform.forward(source, 5, 32, pred, 3, 16, coefficients);
            int[] block = new int[64];
            for (int i = 0; i < 64; i++)
                block[i % 8 * 8 + i / 8] = coefficients[i] = (short) (coefficients[i] & -round);
            inverse8x8(block);
            transform.inverse(coefficients, pred, 3, 16, out, 7, 40);
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++)
                    assertEquals(
                            Math.clamp((pred[3 + 16 * y + x] & 0xFF) + block[8 * y + x], 0, 255),
                            out[7 + 40 * y + x] & 0xFF);
        }
    }

    /** Forward 8x8 transform. */
    private static void forward8x8(int[] b) {
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
    private static void inverse8x8(int[] b) {
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
