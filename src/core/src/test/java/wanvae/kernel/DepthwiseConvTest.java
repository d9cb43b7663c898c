package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
class DepthwiseConvTest {
    /** Channels of the result beside one another: each sees only its own. */
    private static float[] expected(float[] x, int frames, int h, int w, int c, float[] weight, int side, int kt) {
        float[] y = new float[frames * h * w * kt * c];
        for (int i = 0; i < y.length; i++) {
            int channel = i % (kt * c), pixel = i / (kt * c), column = pixel % w, row = pixel / w % h;
            int frame = pixel / (w * h) + kt - 1 - channel / c;
            double sum = 0;
            for (int tap = 0; tap < side * side; tap++) {
                int yy = row + tap / side - side / 2, xx = column + tap % side - side / 2;
                if (yy >= 0 && yy < h && xx >= 0 && xx < w)
                    sum += (double) x[((frame * h + yy) * w + xx) * c + channel % c]
                            * weight[channel * side * side + tap];
            }
            y[i] = (float) sum;
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,1,1,7,1",
        "2,3,5,3,7,1",
        "1,11,13,17,3,1",
        "3,5,2,16,7,2",
        "2,9,37,32,7,2",
        "1,4,33,48,5,2",
        "4,2,3,112,1,2",
        "1,3,67,5,3,1"
    })
    void equalsItsPlainTwin(int frames, int h, int w, int c, int side, int kt) {
        float[] x = TestFrames.random(c + h, (kt - 1 + frames) * h * w * c),
                weight = TestFrames.random(5, kt * c * side * side);
        for (boolean past : new boolean[] {true, false}) {
            if (!past) Arrays.fill(x, 0, (kt - 1) * h * w * c, 0);
            float[] one = run(x, frames, h, w, c, weight, side, kt, past, 1);
            Closeness.of(expected(x, frames, h, w, c, weight, side, kt), one).within(3e-6, 5e-7, "past " + past);
            for (int threads : new int[] {2, 5})
                assertArrayEquals(one, run(x, frames, h, w, c, weight, side, kt, past, threads), threads + " threads");
        }
    }

    private static float[] run(
            float[] x, int frames, int h, int w, int c, float[] weight, int side, int kt, boolean past, int threads) {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            MemorySegment[] all =
                    TestFrames.of(arena, x, kt - 1 + frames, h, w, c).frames();
            if (kt == 2 && !past) all[0] = null;
            DepthwiseConv conv = new DepthwiseConv(arena, TestFrames.flat(arena, weight), c, side, kt);
            Frames result = TestFrames.empty(arena, frames, h, w, kt * c);
            MemorySegment bias = TestFrames.padded(arena, new float[kt * c]);
            Workspace workspace = new Workspace(arena, threads, conv.scratchBytes(h, w));
            conv.run(team, workspace, new Frames(all, h, w, c), Epilogue.plain(bias, result));
            return TestFrames.read(result);
        }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            MemorySegment weight = arena.allocate(4 * 2 * 5 * 9);
            assertThrows(IllegalArgumentException.class, () -> new DepthwiseConv(arena, weight, 5, 3, 2));
            assertThrows(IllegalArgumentException.class, () -> new DepthwiseConv(arena, weight, 5, 3, 1));
            DepthwiseConv conv = new DepthwiseConv(arena, weight, 10, 3, 1);
            Workspace workspace = new Workspace(arena, 1, conv.scratchBytes(2, 2));
            Frames in = TestFrames.empty(arena, 1, 2, 2, 10), out = TestFrames.empty(arena, 1, 2, 2, 20);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(team, workspace, in, Epilogue.plain(arena.allocate(128), out)));
        }
    }
}
