package wanvae.video.h264;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The diagonal modes against the standard's formulas for single samples (8.3.1.2 and 8.3.2.2). */
class IntraPredictionTest {
    /** Samples around the block as {@link IntraPrediction} has them: left from the bottom up, the corner, above. */
    private final int[] e = new int[25];

    private int n;

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void samplesAreTheStandards(int n) {
        this.n = n;
        byte[] plane = new byte[32 * 20], out = new byte[256];
        IntraPrediction prediction = new IntraPrediction();
        for (int round = 0; round < 50; round++) {
            new Random(round).nextBytes(plane);
            prediction.neighbours(plane, 32, 40, n, true, true, true, round % 2 == 0);
            read(plane, 40, round % 2 == 0);
            for (int mode = IntraPrediction.DOWN_LEFT; mode <= IntraPrediction.HORIZONTAL_UP; mode++) {
                prediction.predict(mode, n, out, 16);
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++)
                        assertEquals(sample(mode, x, y), out[16 + 16 * y + x] & 0xFF, mode + " at " + x + ", " + y);
            }
        }
    }

    private void read(byte[] plane, int at, boolean topRight) {
        for (int y = 0; y < n; y++) e[n - 1 - y] = plane[at + 32 * y - 1] & 0xFF;
        for (int x = -1; x < 2 * n; x++) e[n + 1 + x] = plane[at - 32 + (topRight ? x : Math.min(x, n - 1))] & 0xFF;
        if (n == 4) return;
        int[] raw = e.clone();
        for (int i = 0; i <= 24; i++) e[i] = raw[Math.max(i - 1, 0)] + 2 * raw[i] + raw[Math.min(i + 1, 24)] + 2 >> 2;
    }

    private int sample(int mode, int x, int y) {
        int t = n + 1;
        return switch (mode) {
            case IntraPrediction.DOWN_LEFT -> smooth(t + x + y + 1);
            case IntraPrediction.DOWN_RIGHT -> smooth(n + x - y);
            case IntraPrediction.VERTICAL_RIGHT -> {
                int z = 2 * x - y, i = n + x - (y >> 1);
                yield z < -1 ? smooth(n - y + 2 * x + 1) : (z & 1) == 0 ? middle(i) : smooth(i);
            }
            case IntraPrediction.HORIZONTAL_DOWN -> {
                int z = 2 * y - x, i = n - y + (x >> 1);
                yield z < -1
                        ? smooth(n + x - 2 * y - 1)
                        : z == -1 ? smooth(n) : (z & 1) == 0 ? middle(i - 1) : smooth(i);
            }
            case IntraPrediction.VERTICAL_LEFT -> {
                int i = t + x + (y >> 1);
                yield (y & 1) == 0 ? middle(i) : smooth(i + 1);
            }
            default -> {
                int z = x + 2 * y, i = n - 1 - y - (x >> 1);
                yield z > 2 * n - 3 ? e[0] : (z & 1) == 0 ? middle(i - 1) : smooth(i - 1);
            }
        };
    }

    /** At both ends the missing sample is the last one there. */
    private int smooth(int i) {
        return e[Math.max(i - 1, 0)] + 2 * e[i] + e[Math.min(i + 1, 3 * n)] + 2 >> 2;
    }

    private int middle(int i) {
        return e[i] + e[i + 1] + 1 >> 1;
    }
}
