package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

@Tag("arithmetic")
class AttentionTest {
    /** The plain twin: all scores of a query at once, in double. */
    private static float[] expected(float[] qkv, int frames, int pixels, int c, boolean causal) {
        float[] y = new float[frames * pixels * c];
        for (int q = 0; q < frames * pixels; q++) {
            int t = q / pixels, from = causal ? 0 : t * pixels, to = (t + 1) * pixels;
            double[] s = new double[to - from];
            for (int k = from; k < to; k++)
                for (int i = 0; i < c; i++)
                    s[k - from] += (double) qkv[q * 3 * c + i] * qkv[k * 3 * c + c + i] / Math.sqrt(c);
            double max = Arrays.stream(s).max().getAsDouble(),
                    sum = Arrays.stream(s).map(x -> Math.exp(x - max)).sum();
            for (int i = 0; i < c; i++) {
                double v = 0;
                for (int k = from; k < to; k++) v += Math.exp(s[k - from] - max) / sum * qkv[k * 3 * c + 2 * c + i];
                y[q * c + i] = (float) v;
            }
        }
        return y;
    }

    private static float[] run(float[] qkv, int frames, int h, int w, int c, boolean causal, int threads) {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            Frames[] parts = new Frames[3];
            for (int i = 0; i < 3; i++) {
                float[] part = new float[qkv.length / 3];
                for (int p = 0; p < frames * h * w; p++) System.arraycopy(qkv, (3 * p + i) * c, part, p * c, c);
                parts[i] = TestFrames.of(arena, part, frames, h, w, c);
            }
            Frames out = TestFrames.empty(arena, frames, h, w, c);
            Workspace workspace = new Workspace(arena, threads, Attention.scratchBytes(c));
            for (int t = 0; t < frames; t++)
                Attention.run(team, workspace, parts[0], parts[1], parts[2], out, t, causal ? 0 : t, t + 1);
            return TestFrames.read(out);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,1,1,1",
        "1,1,2,3,1",
        "3,2,5,16,1",
        "2,7,13,24,3",
        "1,11,23,40,1",
        "2,16,31,35,1",
        "1,5,7,96,20",
        "1,24,20,12,8"
    })
    void equalsItsPlainTwin(int frames, int h, int w, int c, float size) {
        float[] qkv = TestFrames.scaled(TestFrames.random(c + h, frames * h * w * 3 * c), size);
        for (boolean causal : new boolean[] {false, true}) {
            float[] one = run(qkv, frames, h, w, c, causal, 1);
            // The error of a score, of the order of its size, is the relative error of a weight.
            Closeness.of(expected(qkv, frames, h * w, c, causal), one)
                    .within(2e-5 * size * size, 3e-6 * size * size, "causal " + causal);
            for (int threads = 2; threads <= 7; threads++)
                assertArrayEquals(one, run(qkv, frames, h, w, c, causal, threads), threads + " threads");
        }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            Frames f = TestFrames.empty(arena, 1, 2, 2, 4), other = TestFrames.empty(arena, 1, 2, 3, 4);
            Workspace workspace = new Workspace(arena, 1, Attention.scratchBytes(4));
            assertThrows(IllegalArgumentException.class, () -> Attention.run(team, workspace, f, f, f, other, 0, 0, 1));
        }
    }
}
