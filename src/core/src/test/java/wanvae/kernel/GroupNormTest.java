package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

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
            for (int p = 0; p < pixels; p++)
                for (int i = g * size; i < (g + 1) * size; i++)
                    variance += (x[p * c + i] - mean) * (x[p * c + i] - mean);
            variance /= pixels * size;
            for (int p = 0; p < pixels; p++)
                for (int i = g * size; i < (g + 1) * size; i++) {
                    double v = (x[p * c + i] - mean) / Math.sqrt(variance + 1e-6f) * weight[i] + bias[i];
                    y[p * c + i] = (float) (silu ? v / (1 + Math.exp(-v)) : v);
                }
        }
        return y;
    }

    /** Through a pointwise convolution that changes nothing, or a normalising reader that does. */
    private static float[] run(
            float[] x,
            int frames,
            int h,
            int w,
            int c,
            int groups,
            float[] weight,
            float[] bias,
            boolean silu,
            int threads) {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            float[] identity = new float[c * c];
            for (int i = 0; i < c; i++) identity[i * c + i] = 1;
            DirectConv same = new DirectConv(arena, TestFrames.flat(arena, identity), c, c, 1, 1, 1, Border.ZEROS);
            Workspace workspace = new Workspace(arena, threads, same.scratchBytes(h, w));
            Frames f = TestFrames.of(arena, x, frames, h, w, c);
            GroupMoments moments = TestFrames.moments(arena, f, groups);
            same.run(team, workspace, f, Epilogue.gathering(TestFrames.padded(arena, new float[c]), null, f, moments));
            GroupNorm norm = new GroupNorm(
                    moments,
                    TestFrames.padded(arena, weight),
                    TestFrames.padded(arena, bias),
                    1e-6f,
                    silu,
                    arena.allocate(GroupNorm.bytes(c), 64));
            same.run(team, workspace, f, norm, Epilogue.plain(TestFrames.padded(arena, new float[c]), f));
            return TestFrames.read(f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,1,4,2,0",
        "3,5,7,24,4,0",
        "2,11,13,64,32,0",
        "1,17,101,33,3,0",
        "3,5,7,24,4,60",
        "2,19,23,128,32,60",
        "2,9,31,6,6,-1000"
    })
    void equalsItsPlainTwin(int frames, int h, int w, int c, int groups, float offset) {
        float[] x = TestFrames.random(c + h, frames * h * w * c),
                weight = TestFrames.random(7, c),
                bias = TestFrames.random(8, c);
        for (int i = 0; i < x.length; i++) x[i] += offset;
        for (boolean silu : new boolean[] {false, true}) {
            float[] one = run(x, frames, h, w, c, groups, weight, bias, silu, 1);
            Closeness.of(expected(x, c, groups, weight, bias, silu), one).within(5e-6, 1e-6, "silu " + silu);
            for (int threads = 2; threads <= 7; threads++)
                assertArrayEquals(
                        one, run(x, frames, h, w, c, groups, weight, bias, silu, threads), threads + " threads");
        }
    }

    @Test
    void aConstantGroupBecomesItsBias() {
        float[] x = new float[3 * 5 * 8], weight = TestFrames.random(1, 8), bias = TestFrames.random(2, 8);
        Arrays.fill(x, 0.7f);
        float[] y = run(x, 1, 3, 5, 8, 2, weight, bias, false, 2);
        for (int i = 0; i < y.length; i++) assertEquals(bias[i % 8], y[i], 1e-6f);
    }

    /**
     * Moments are gathered by Winograd's convolution and the norm applied by another one's reading, on both sides of
     * edges and blocks.
     */
    @ParameterizedTest
    @CsvSource({"1,5,7,24,4,16", "5,9,70,32,32,5", "3,33,41,20,5,33"})
    void convolutionsGatherAndNormalise(int frames, int h, int w, int c, int groups, int out) {
        float[] x = TestFrames.random(3, (2 + frames) * h * w * 6),
                bias = TestFrames.random(4, c),
                gamma = TestFrames.random(5, c),
                beta = TestFrames.random(6, c);
        float[] first = TestFrames.scaled(TestFrames.random(7, c * 6 * 27), 0.08),
                second = TestFrames.scaled(TestFrames.random(8, out * c * 27), 1 / Math.sqrt(27 * c));
        for (int i = 0; i < c; i++) bias[i] += 30;
        float[] hidden = ScalarConv.conv(x, frames, h, w, 6, first, c, 3, 3, 3, bias, Border.REPLICATE);
        float[] normed = expected(hidden, c, groups, gamma, beta, true), behind = new float[(2 + frames) * h * w * c];
        for (int f = 0; f < 2 + frames; f++)
            System.arraycopy(normed, Math.max(0, f - 2) * h * w * c, behind, f * h * w * c, h * w * c);
        float[]
                expected =
                        ScalarConv.conv(
                                behind, frames, h, w, c, second, out, 3, 3, 3, new float[out], Border.REPLICATE),
                one = null;
        for (int threads = 1; threads <= 5; threads++)
            try (Arena arena = Arena.ofShared();
                    Team team = new Team(threads, () -> false)) {
                var producer = new WinogradConv(arena, TestFrames.flat(arena, first), c, 6, true, Border.REPLICATE);
                var reader = new WinogradConv(arena, TestFrames.flat(arena, second), out, c, true, Border.REPLICATE);
                var direct = new DirectConv(arena, TestFrames.flat(arena, second), out, c, 3, 3, 3, Border.REPLICATE);
                long scratch = Math.max(
                        producer.scratchBytes(h, w), Math.max(reader.scratchBytes(h, w), direct.scratchBytes(h, w)));
                Workspace workspace = new Workspace(
                        arena,
                        threads,
                        scratch,
                        Long.MAX_VALUE,
                        Math.max(producer.transformedBytes(), reader.transformedBytes()));
                Frames raw = TestFrames.empty(arena, frames, h, w, c),
                        y = TestFrames.empty(arena, frames, h, w, out),
                        z = TestFrames.empty(arena, frames, h, w, out);
                GroupMoments moments = TestFrames.moments(arena, raw, groups);
                producer.run(
                        team,
                        workspace,
                        TestFrames.of(arena, x, 2 + frames, h, w, 6),
                        Epilogue.gathering(TestFrames.padded(arena, bias), null, raw, moments));
                GroupNorm norm = new GroupNorm(
                        moments,
                        TestFrames.padded(arena, gamma),
                        TestFrames.padded(arena, beta),
                        1e-6f,
                        true,
                        arena.allocate(GroupNorm.bytes(c), 64));
                MemorySegment[] all = new MemorySegment[2 + frames];
                for (int f = 0; f < all.length; f++) all[f] = raw.frames()[Math.max(0, f - 2)];
                Frames in = new Frames(all, h, w, c);
                reader.run(team, workspace, in, norm, Epilogue.plain(TestFrames.padded(arena, new float[out]), y));
                direct.run(team, workspace, in, norm, Epilogue.plain(TestFrames.padded(arena, new float[out]), z));
                float[] actual = TestFrames.read(y);
                if (threads > 1) assertArrayEquals(one, actual, threads + " threads");
                else Closeness.of(expected, one = actual).within(6e-5, 8e-6, "Winograd");
                Closeness.of(expected, TestFrames.read(z)).within(5e-5, 6e-6, "direct");
            }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined()) {
            Frames f = TestFrames.empty(arena, 1, 2, 2, 6);
            var vector = arena.allocate(64);
            assertThrows(IllegalArgumentException.class, () -> TestFrames.moments(arena, f, 4));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new GroupNorm(TestFrames.moments(arena, f, 2), vector, vector, 1e-6f, false, vector));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Epilogue.gathering(
                            vector, null, TestFrames.empty(arena, 1, 2, 3, 6), TestFrames.moments(arena, f, 2)));
        }
    }
}
