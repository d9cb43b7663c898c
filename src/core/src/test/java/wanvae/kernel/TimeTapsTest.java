package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Team;

@Tag("arithmetic")
class TimeTapsTest {
    // frames, height, width, in, out
    private static final int[][] SHAPES = {{1, 1, 1, 1, 1}, {2, 3, 5, 3, 5}, {4, 9, 13, 16, 3}, {3, 7, 11, 33, 12}};

    @Test
    void equalsTheWholeConvolution() {
        for (int[] s : SHAPES) for (boolean past : new boolean[] {true, false}) check(s, past);
    }

    @Test
    void refusesOtherWeights() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(IllegalArgumentException.class, () -> TimeTaps.parts(arena, arena.allocate(4 * 27), 3, 3));
        }
    }

    private static void check(int[] s, boolean past) {
        int t = s[0], h = s[1], w = s[2], in = s[3], out = s[4];
        float[] x = TestFrames.random(7 * t + h, (t + 2) * h * w * in), bias = TestFrames.random(3, out);
        if (!past) Arrays.fill(x, 0, 2 * h * w * in, 0);
        float[] weight = TestFrames.scaled(TestFrames.random(5, out * in * 27), 1 / Math.sqrt(in * 27));
        float[] expected = ScalarConv.conv(x, t, h, w, in, weight, out, 3, 3, 3, bias);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Convolution conv = TimeTaps.parts(arena, TestFrames.flat(arena, weight), out, in);
            Workspace workspace =
                    new Workspace(arena, 2, conv.scratchBytes(h, w), Long.MAX_VALUE, conv.transformedBytes());
            Frames parts = TestFrames.empty(arena, t + 2, h, w, 3 * out),
                    result = TestFrames.empty(arena, t, h, w, out);
            conv.run(
                    team,
                    workspace,
                    TestFrames.of(arena, x, t + 2, h, w, in),
                    Epilogue.plain(TestFrames.padded(arena, new float[3 * out]), parts));
            MemorySegment[] frames = parts.frames();
            if (!past) Arrays.fill(frames, 0, 2, null);
            TimeTaps.sum(team, new Frames(frames, h, w, 3 * out), TestFrames.padded(arena, bias), result);
            Closeness.of(expected, TestFrames.read(result)).within(1e-5, 2e-6, Arrays.toString(s) + " past " + past);
        }
    }
}
