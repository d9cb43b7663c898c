package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("arithmetic")
class GroupNormTest {
    /** The plain twin, in two passes in double. */
    private static float[] expected(float[] x, int c, int groups, float[] weight, float[] bias, boolean silu) {
        float[] y = new float[x.length];
        int size = c / groups, pixels = x.length / c;
        for (int g = 0; g < groups; g++) {
            double mean = 0, variance = 0;
            for (int p = 0; p < pixels; p++) for (int i = g * size; i < (g + 1) * size; i++) mean += x[p * c + i];
            mean /= pixels * size;
            for (int p = 0; p < pixels; p++) for (int i = g * size; i < (g + 1) * size; i++) variance += (x[p * c + i] - mean) * (x[p * c + i] - mean);
            variance /= pixels * size;
            for (int p = 0; p < pixels; p++)
                for (int i = g * size; i < (g + 1) * size; i++) {
                    double v = (x[p * c + i] - mean) / Math.sqrt(variance + 1e-6f) * weight[i] + bias[i];
                    y[p * c + i] = (float) (silu ? v / (1 + Math.exp(-v)) : v);
                }
        }
        return y;
    }

    private static float[] run(float[] x, int frames, int h, int w, int c, int groups, float[] weight, float[] bias, boolean silu, int threads) {
        try (Arena arena = Arena.ofShared(); Team team = new Team(threads, () -> false)) {
            Frames f = TestFrames.of(arena, x, frames, h, w, c);
            GroupNorm.run(team, new Workspace(arena, threads, GroupNorm.scratchBytes(c)), f, groups, TestFrames.padded(arena, weight),
                    TestFrames.padded(arena, bias), 1e-6f, silu, f);
            return TestFrames.read(f);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,4,2,0", "3,5,7,24,4,0", "2,11,13,64,32,0", "1,17,101,33,3,0", "3,5,7,24,4,60", "2,19,23,128,32,60", "2,9,31,6,6,-1000"})
    void equalsItsPlainTwin(int frames, int h, int w, int c, int groups, float offset) {
        float[] x = TestFrames.random(c + h, frames * h * w * c), weight = TestFrames.random(7, c), bias = TestFrames.random(8, c);
        for (int i = 0; i < x.length; i++) x[i] += offset;
        for (boolean silu : new boolean[] {false, true}) {
            float[] one = run(x, frames, h, w, c, groups, weight, bias, silu, 1);
            Closeness.of(expected(x, c, groups, weight, bias, silu), one).within(5e-6, 1e-6, "silu " + silu);
            for (int threads = 2; threads <= 7; threads++)
                assertArrayEquals(one, run(x, frames, h, w, c, groups, weight, bias, silu, threads), threads + " threads");
        }
    }

    @Test
    void aConstantGroupBecomesItsBias() {
        float[] x = new float[3 * 5 * 8], weight = TestFrames.random(1, 8), bias = TestFrames.random(2, 8);
        Arrays.fill(x, 0.7f);
        float[] y = run(x, 1, 3, 5, 8, 2, weight, bias, false, 2);
        for (int i = 0; i < y.length; i++) assertEquals(bias[i % 8], y[i], 1e-6f);
    }

    @Test
    void enlargesPixelByPixel() {
        float[] x = TestFrames.random(5, 2 * 3 * 5 * 17);
        try (Arena arena = Arena.ofShared(); Team team = new Team(3, () -> false)) {
            Frames out = TestFrames.empty(arena, 2, 6, 10, 17);
            UpsampleNearest.run(team, TestFrames.of(arena, x, 2, 3, 5, 17), out);
            float[] y = TestFrames.read(out);
            for (int i = 0; i < y.length; i++) {
                int c = i % 17, j = i / 17 % 10, row = i / 170 % 6, t = i / 1020;
                assertEquals(x[((t * 3 + row / 2) * 5 + j / 2) * 17 + c], y[i]);
            }
        }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined(); Team team = new Team(1, () -> false)) {
            Frames f = TestFrames.empty(arena, 1, 2, 2, 6);
            Workspace workspace = new Workspace(arena, 1, GroupNorm.scratchBytes(6));
            var vector = arena.allocate(64);
            assertThrows(IllegalArgumentException.class, () -> GroupNorm.run(team, workspace, f, 4, vector, vector, 1e-6f, false, f));
            assertThrows(IllegalArgumentException.class, () -> UpsampleNearest.run(team, f, f));
        }
    }
}
