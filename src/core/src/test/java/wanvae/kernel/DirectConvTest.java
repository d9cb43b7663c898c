package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

@Tag("arithmetic")
class DirectConvTest {
    private static float[] run(
            float[] x,
            boolean zeroPast,
            int frames,
            int h,
            int wd,
            int in,
            float[] w,
            float[] bias,
            int out,
            int kt,
            int kh,
            int kw,
            Border border,
            int threads) {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            Frames source = TestFrames.of(arena, x, kt - 1 + frames, h, wd, in);
            if (zeroPast) {
                var f = source.frames();
                for (int i = 0; i < kt - 1; i++) f[i] = null;
                source = new Frames(f, h, wd, in);
            }
            DirectConv conv = new DirectConv(arena, TestFrames.flat(arena, w), out, in, kt, kh, kw, border);
            Frames target = TestFrames.empty(arena, frames, h, wd, out);
            conv.run(
                    team,
                    new Workspace(arena, threads, conv.scratchBytes(h, wd)),
                    source,
                    Epilogue.plain(TestFrames.padded(arena, bias), target));
            assertPaddingIsZero(target);
            return TestFrames.read(target);
        }
    }

    @ParameterizedTest(name = "{0}x{1}x{2} {3} to {4} at {5}x{6}x{7}")
    @CsvSource({
        "3,3,3,  5, 7, 2, 3, 5",
        "3,3,3, 16,16, 1, 1, 1",
        "3,3,3, 33,47, 1, 7,13",
        "3,3,3, 96, 3, 1, 5,11",
        "3,3,3, 1, 1, 3, 2, 1",
        "3,1,1, 17,34, 2, 5, 7",
        "1,1,1, 24,40, 3,11, 5",
        "1,1,1, 3,19, 1, 1,197",
        "1,3,3, 48,24, 2, 9,17",
        "1,3,3, 4,50, 1, 3,199",
        "2,5,3, 2,65, 2,21, 2",
        "1,1,1, 7,111, 1, 3,13",
    })
    void equalsItsPlainTwin(int kt, int kh, int kw, int in, int out, int frames, int h, int w) {
        long seed = kt * 31L + in * 17L + out;
        float[] x = TestFrames.random(seed, (kt - 1 + frames) * h * w * in), bias = TestFrames.random(seed + 1, out);
        float[] weight = TestFrames.random(seed + 2, out * in * kt * kh * kw);
        for (Border border : Border.values()) {
            float[] one = run(x, false, frames, h, w, in, weight, bias, out, kt, kh, kw, border, 1);
            Closeness.of(ScalarConv.conv(x, frames, h, w, in, weight, out, kt, kh, kw, bias, border), one)
                    .within(1e-5, 2e-6, border.toString());
            for (int threads = 2; threads <= 7; threads++)
                assertArrayEquals(
                        one,
                        run(x, false, frames, h, w, in, weight, bias, out, kt, kh, kw, border, threads),
                        threads + " threads");
        }
    }

    @Test
    void nullFramesAreZeros() {
        int h = 4, w = 6, in = 5, out = 9, frames = 2;
        float[] x = TestFrames.random(3, (2 + frames) * h * w * in),
                weight = TestFrames.random(4, out * in * 27),
                bias = TestFrames.random(5, out);
        float[] zeroed = x.clone();
        Arrays.fill(zeroed, 0, 2 * h * w * in, 0f);
        float[] expected = ScalarConv.conv(zeroed, frames, h, w, in, weight, out, 3, 3, 3, bias);
        Closeness.of(expected, run(x, true, frames, h, w, in, weight, bias, out, 3, 3, 3, Border.ZEROS, 2))
                .within(1e-5, 2e-6, "zero past");
    }

    /** Every second or third output of the same convolution with one frame a step. */
    @ParameterizedTest(name = "{0}x1x1 {2} to {3}, {1} frames a step")
    @CsvSource({"3,2, 5,7, 1", "3,2, 17,34, 3", "2,2, 16,9, 2", "3,3, 4,20, 2", "1,2, 3,3, 2", "2,3, 33,5, 2"})
    void stepsInTime(int kt, int step, int in, int out, int frames) {
        int h = 5, w = 7, all = (frames - 1) * step + 1;
        float[] x = TestFrames.random(3, (kt - 1 + all) * h * w * in),
                weight = TestFrames.random(4, out * in * kt),
                bias = TestFrames.random(5, out);
        float[] everyFrame = run(x, false, all, h, w, in, weight, bias, out, kt, 1, 1, Border.ZEROS, 1);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            DirectConv conv =
                    new DirectConv(arena, TestFrames.flat(arena, weight), out, in, kt, 1, 1, step, Border.ZEROS);
            Frames target = TestFrames.empty(arena, frames, h, w, out);
            Workspace workspace = new Workspace(arena, 2, conv.scratchBytes(h, w));
            Epilogue epilogue = Epilogue.plain(TestFrames.padded(arena, bias), target);
            conv.run(team, workspace, TestFrames.of(arena, x, kt - 1 + all, h, w, in), epilogue);
            float[] actual = TestFrames.read(target);
            int frame = h * w * out;
            for (int t = 0; t < frames; t++)
                assertArrayEquals(
                        Arrays.copyOfRange(everyFrame, t * step * frame, (t * step + 1) * frame),
                        Arrays.copyOfRange(actual, t * frame, (t + 1) * frame),
                        "frame " + t);
            Frames oneMore = TestFrames.empty(arena, kt + all, h, w, in);
            if (step > 1)
                assertThrows(IllegalArgumentException.class, () -> conv.run(team, workspace, oneMore, epilogue));
        }
    }

    /** Frames side by side make one, the oldest's channels first. */
    @ParameterizedTest
    @CsvSource({"2,5,7", "2,16,16", "1,3,19", "3,17,4"})
    void pools(int pooled, int in, int out) {
        int h = 3, w = 7, frames = 2;
        float[] x = TestFrames.random(1, frames * pooled * h * w * in),
                weight = TestFrames.random(2, out * pooled * in),
                bias = TestFrames.random(3, out),
                beside = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = i % in, pixel = i / in % (h * w), t = i / (in * h * w);
            beside[((t / pooled * h * w + pixel) * pooled + t % pooled) * in + c] = x[i];
        }
        float[] expected = ScalarConv.conv(beside, frames, h, w, pooled * in, weight, out, 1, 1, 1, bias);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            DirectConv conv = DirectConv.pooling(arena, TestFrames.flat(arena, weight), out, in, pooled);
            Frames target = TestFrames.empty(arena, frames, h, w, out);
            conv.run(
                    team,
                    new Workspace(arena, 2, conv.scratchBytes(h, w)),
                    TestFrames.of(arena, x, frames * pooled, h, w, in),
                    Epilogue.plain(TestFrames.padded(arena, bias), target));
            Closeness.of(expected, TestFrames.read(target)).within(1e-5, 2e-6, "pooled");
        }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new DirectConv(arena, arena.allocate(4 * 8), 3, 3, 1, 1, 1, Border.ZEROS));
            DirectConv conv = new DirectConv(arena, arena.allocate(4 * 9), 3, 3, 1, 1, 1, Border.ZEROS);
            Workspace workspace = new Workspace(arena, 1, conv.scratchBytes(2, 2));
            var bias = arena.allocate(64);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(
                            team,
                            workspace,
                            TestFrames.empty(arena, 1, 2, 2, 4),
                            Epilogue.plain(bias, TestFrames.empty(arena, 1, 2, 2, 3))));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(
                            team,
                            workspace,
                            TestFrames.empty(arena, 1, 2, 2, 3),
                            Epilogue.plain(bias, TestFrames.empty(arena, 1, 2, 3, 3))));
        }
    }

    private static void assertPaddingIsZero(Frames f) {
        for (MemorySegment frame : f.frames())
            for (int i = 0; i < f.height() * f.width() * f.stride(); i++)
                if (i % f.stride() >= f.channels())
                    assertEquals(0f, frame.getAtIndex(ValueLayout.JAVA_FLOAT, i), "padding channel");
    }
}
