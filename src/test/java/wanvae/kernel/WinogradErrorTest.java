package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How exact each algorithm is at the width of the model's last stage, and that chunks of any lengths give the same within that. Errors are relative to
 * the rms of the result; the budgets are a tenth above what a prototype of each algorithm had, except for F(2,3) and F(1,3): they share F(4,3)'s
 * weights, whose scale costs them a third more (with weights of its own F(2,3) has 1.1e-6 rms).
 */
@Tag("arithmetic")
class WinogradErrorTest {
    private static final int C = 96, HEIGHT = 11, WIDTH = 13, FRAMES = 5, FRAME = HEIGHT * WIDTH * C;
    private static final float[] WEIGHT = TestFrames.scaled(TestFrames.random(2, C * C * 27), 1 / Math.sqrt(27.0 * C)), BIAS = new float[C];
    private static final float[] X = TestFrames.random(1, (2 + FRAMES) * FRAME);
    private static final float[] EXPECTED = ScalarConv.conv(X, FRAMES, HEIGHT, WIDTH, C, WEIGHT, C, 3, 3, 3, BIAS);

    @Test
    void direct() {
        try (Arena arena = Arena.ofShared()) {
            DirectConv conv = new DirectConv(arena, TestFrames.flat(arena, WEIGHT), C, C, 3, 3, 3, Border.ZEROS);
            Closeness.of(EXPECTED, run(arena, conv, X, 2, FRAMES)).within(6.9e-6, 0.9e-6, "direct");
        }
    }

    /** F(4x4,3x3). */
    @Test
    void space() {
        float[] weight = TestFrames.scaled(TestFrames.random(2, C * C * 9), 1 / Math.sqrt(9.0 * C)), x = Arrays.copyOf(X, FRAMES * FRAME);
        try (Arena arena = Arena.ofShared()) {
            WinogradConv conv = new WinogradConv(arena, TestFrames.flat(arena, weight), C, C, false, Border.ZEROS);
            float[] expected = ScalarConv.conv(x, FRAMES, HEIGHT, WIDTH, C, weight, C, 1, 3, 3, BIAS);
            Closeness.of(expected, run(arena, conv, x, 0, FRAMES)).within(9.6e-6, 1.45e-6, "F(4x4,3x3)");
        }
    }

    /** F(4,3), F(2,3) and F(1,3) in time over F(4x4,3x3). */
    @Test
    void spaceAndTime() {
        check(1.8e-5, 2.2e-6, 4);
        check(1.1e-5, 1.6e-6, 2);
        check(1.1e-5, 1.6e-6, 1);
    }

    @Test
    void everyChunkPlan() {
        for (int[] chunks : new int[][] {{1, 4}, {1, 3, 1}, {1, 1, 3}, {1, 2, 2}, {5}, {2, 3}, {1, 1, 1, 1, 1}}) check(1.8e-5, 2.2e-6, chunks);
    }

    /** Frames in chunks of these lengths, each with the last two frames before it as its past. */
    private static void check(double max, double rms, int... chunks) {
        try (Arena arena = Arena.ofShared()) {
            WinogradConv conv = new WinogradConv(arena, TestFrames.flat(arena, WEIGHT), C, C, true, Border.ZEROS);
            int done = 0;
            float[] actual = new float[Arrays.stream(chunks).sum() * FRAME];
            for (int count : chunks) {
                float[] y = run(arena, conv, Arrays.copyOfRange(X, done * FRAME, (done + 2 + count) * FRAME), 2, count);
                System.arraycopy(y, 0, actual, done * FRAME, y.length);
                done += count;
            }
            Closeness.of(Arrays.copyOf(EXPECTED, actual.length), actual).within(max, rms, "chunks " + Arrays.toString(chunks));
        }
    }

    private static float[] run(Arena arena, Convolution conv, float[] x, int past, int count) {
        try (Team team = new Team(1, () -> false)) {
            Frames result = TestFrames.empty(arena, count, HEIGHT, WIDTH, C);
            MemorySegment bias = TestFrames.padded(arena, BIAS);
            Workspace workspace = new Workspace(arena, 1, conv.scratchBytes(HEIGHT, WIDTH), true, conv.transformedBytes());
            conv.run(team, workspace, TestFrames.of(arena, x, past + count, HEIGHT, WIDTH, C), Epilogue.plain(bias, result));
            return TestFrames.read(result);
        }
    }
}
