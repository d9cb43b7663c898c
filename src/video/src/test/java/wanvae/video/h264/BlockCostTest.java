package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Vectors against plain loops. */
class BlockCostTest {
    private static final int[][] HADAMARD = {{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, -1, 1}, {1, -1, 1, -1}};
    private final byte[] a = new byte[32 * 20], b = new byte[40 * 20];

    private void fill(int seed) {
        Random random = new Random(seed);
        random.nextBytes(a);
        random.nextBytes(b);
        if (seed % 3 == 0) for (int i = 0; i < a.length; i++) a[i] = (byte) (seed % 2 == 0 ? 0 : 255);
        if (seed % 5 == 0) for (int i = 0; i < b.length; i++) b[i] = (byte) (random.nextBoolean() ? 0 : 255);
    }

    private int difference(int x, int y) {
        return (a[3 + 32 * y + x] & 0xFF) - (b[5 + 40 * y + x] & 0xFF);
    }

    @Test
    void sadIsTheSumOfAbsoluteDifferences() {
        for (int seed = 0; seed < 60; seed++) {
            fill(seed);
            for (int w : new int[] {8, 16})
                for (int h : new int[] {8, 16}) {
                    int sum = 0;
                    for (int y = 0; y < h; y++) for (int x = 0; x < w; x++) sum += Math.abs(difference(x, y));
                    assertEquals(sum, BlockCost.sad(a, 3, 32, b, 5, 40, w, h));
                }
        }
    }

    @Test
    void ssdIsTheSumOfSquaredDifferences() {
        for (int seed = 0; seed < 60; seed++) {
            fill(seed);
            int sum = 0;
            for (int y = 0; y < 8; y++) for (int x = 0; x < 8; x++) sum += difference(x, y) * difference(x, y);
            assertEquals(sum, BlockCost.ssd8x8(a, 3, 32, b, 5, 40));
        }
    }

    @Test
    void energyIsTheSumOfSquaredDifferencesToTheMean() {
        for (int seed = 0; seed < 60; seed++) {
            fill(seed);
            int sum = 0, squares = 0;
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++) {
                    int v = b[5 + 40 * y + x] & 0xFF;
                    sum += v;
                    squares += v * v;
                }
            long both = BlockCost.ssdAndEnergy8x8(a, 3, 32, b, 5, 40);
            assertEquals(squares - sum * sum / 64.0, (int) both, 1);
            assertEquals(BlockCost.ssd8x8(a, 3, 32, b, 5, 40), (int) (both >> 32));
        }
    }

    /** The greatest sums there are have room in the lanes. */
    @Test
    void blackAgainstWhite() {
        Arrays.fill(a, (byte) 255);
        Arrays.fill(b, (byte) 0);
        assertEquals(256 * 255, BlockCost.sad(a, 3, 32, b, 5, 40, 16, 16));
        assertEquals(16 * 8 * 255, TransformedDifference.of(a, 3, 32, b, 5, 40, 16, 16));
        assertEquals(64 * 255 * 255, BlockCost.ssd8x8(a, 3, 32, b, 5, 40));
        for (int i = 0; i < b.length; i++) b[i] = (byte) (i % 40 % 4 == 1 ? 255 : 0); // a column of each four
        assertEquals(16 * satd(0, 0), TransformedDifference.of(a, 3, 32, b, 5, 40, 16, 16));
    }

    @Test
    void satdIsTheSumOverTransformedBlocks() {
        for (int seed = 0; seed < 60; seed++) {
            fill(seed);
            for (int w : new int[] {8, 16})
                for (int h : new int[] {8, 16}) {
                    int sum = 0;
                    for (int y = 0; y < h; y += 4) for (int x = 0; x < w; x += 4) sum += satd(x, y);
                    assertEquals(sum, TransformedDifference.of(a, 3, 32, b, 5, 40, w, h));
                }
            assertEquals(satd(0, 0), BlockCost.satd4x4(a, 3, 32, b, 5, 40));
        }
    }

    private int satd(int x, int y) {
        int sum = 0;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                int c = 0;
                for (int v = 0; v < 4; v++)
                    for (int u = 0; u < 4; u++) c += HADAMARD[i][v] * HADAMARD[j][u] * difference(x + u, y + v);
                sum += Math.abs(c);
            }
        return sum / 2;
    }
}
