package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Vectors against plain loops. */
class Transform4x4Test {
    private static final int[][] FORWARD = {{1, 1, 1, 1}, {2, 1, -1, -2}, {1, -1, -1, 1}, {1, -2, 2, -1}};

    private final Random random = new Random(1);
    private final byte[] source = new byte[32 * 6], pred = new byte[16 * 6], out = new byte[40 * 6];
    private final Transform4x4 transform = new Transform4x4();
    private final short[] pairs = new short[2 * Transform4x4.PAIR];

    private void fill(int round) {
        random.nextBytes(source);
        random.nextBytes(pred);
        if (round % 3 == 0) for (int i = 0; i < source.length; i++) source[i] = (byte) (source[i] < 0 ? 0 : 255);
        if (round % 5 == 0) for (int i = 0; i < pred.length; i++) pred[i] = (byte) ~source[i / 16 * 32 + i % 16];
    }

    private int difference(int x, int y) {
        return (source[5 + 32 * y + x] & 0xFF) - (pred[3 + 16 * y + x] & 0xFF);
    }

    @Test
    void coefficientsAreThoseOfTheMatrix() {
        for (int round = 0; round < 300; round++) {
            fill(round);
            transform.forward(source, 5, 32, pred, 3, 16, pairs, 32);
            for (int block = 0; block < 2; block++)
                for (int u = 0; u < 4; u++)
                    for (int v = 0; v < 4; v++) {
                        int sum = 0;
                        for (int y = 0; y < 4; y++)
                            for (int x = 0; x < 4; x++)
                                sum += FORWARD[u][x] * FORWARD[v][y] * difference(4 * block + x, y);
                        assertEquals(sum, pairs[32 + 8 * u + 4 * block + v]);
                    }
        }
    }

    @Test
    void residualIsTheStandards() {
        for (int round = 0; round < 300; round++) {
            fill(round);
            transform.forward(source, 5, 32, pred, 3, 16, pairs, 32);
            int[][] blocks = new int[2][16];
            for (int i = 0; i < 32; i++)
                blocks[i >> 2 & 1][(i & 3) * 4 + (i >> 3)] = pairs[32 + i] = (short) (pairs[32 + i] & -round);
            for (int[] block : blocks) inverse4x4(block);
            transform.inverse(pairs, 32, pred, 3, 16, out, 7, 40);
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 8; x++)
                    assertEquals(
                            Math.clamp((pred[3 + 16 * y + x] & 0xFF) + blocks[x >> 2][4 * y + (x & 3)], 0, 255),
                            out[7 + 40 * y + x] & 0xFF);
        }
    }

    /** The inverse transform of 8.5.12.2, rounded to residual samples. */
    private static void inverse4x4(int[] b) {
        for (int i = 0; i < 16; i += 4) inverse4(b, i, 1);
        for (int i = 0; i < 4; i++) inverse4(b, i, 4);
        for (int i = 0; i < 16; i++) b[i] = b[i] + 32 >> 6;
    }

    private static void inverse4(int[] b, int i, int n) {
        int e = b[i] + b[i + 2 * n], f = b[i] - b[i + 2 * n];
        int g = (b[i + n] >> 1) - b[i + 3 * n], h = b[i + n] + (b[i + 3 * n] >> 1);
        b[i] = e + h;
        b[i + n] = f + g;
        b[i + 2 * n] = f - g;
        b[i + 3 * n] = e - h;
    }
}
