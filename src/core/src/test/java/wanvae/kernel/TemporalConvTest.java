package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Team;

@Tag("arithmetic")
class TemporalConvTest {
    // frames, height, width, in, out
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1},
        {2, 3, 5, 3, 5},
        {3, 1, 13, 16, 17},
        {4, 7, 11, 33, 31},
        {7, 5, 97, 20, 48},
        {8, 13, 2, 48, 3},
        {3, 3, 5, 7, 112}
    };

    @Test
    void equalsItsScalarTwin() {
        for (int[] s : SHAPES) for (boolean past : new boolean[] {true, false}) check(s, past);
    }

    @Test
    void refusesOtherWeights() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(IllegalArgumentException.class, () -> new TemporalConv(arena, arena.allocate(4 * 8), 3, 3));
        }
    }

    private static void check(int[] s, boolean past) {
        int t = s[0], h = s[1], w = s[2], in = s[3], out = s[4];
        float[] x = TestFrames.random(7 * t + h, (t + 2) * h * w * in), bias = TestFrames.random(3, out);
        if (!past) Arrays.fill(x, 0, 2 * h * w * in, 0);
        float[] weight = TestFrames.scaled(TestFrames.random(5, out * in * 3), 1 / Math.sqrt(in * 3));
        float[] expected = ScalarConv.conv(x, t, h, w, in, weight, out, 3, 1, 1, bias);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            MemorySegment[] frames = TestFrames.of(arena, x, t + 2, h, w, in).frames();
            if (!past) Arrays.fill(frames, 0, 2, null);
            Frames result = TestFrames.empty(arena, t, h, w, out);
            TemporalConv conv = new TemporalConv(arena, TestFrames.flat(arena, weight), out, in);
            Workspace workspace =
                    new Workspace(arena, 2, conv.scratchBytes(h, w), Long.MAX_VALUE, conv.transformedBytes());
            conv.run(
                    team,
                    workspace,
                    new Frames(frames, h, w, in),
                    Epilogue.plain(TestFrames.padded(arena, bias), result));
            Closeness.of(expected, TestFrames.read(result)).within(1e-5, 1e-6, Arrays.toString(s) + " past " + past);
        }
    }
}
