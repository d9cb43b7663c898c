package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Team;

@Tag("arithmetic")
class TapsConvTest {
    // frames, height, width, in
    private static final int[][] SHAPES = {
        {1, 1, 1, 1}, {2, 3, 5, 3}, {1, 17, 13, 16}, {2, 7, 211, 33}, {1, 35, 107, 64}, {1, 2, 104, 5}
    };

    @Test
    void equalsItsTwin() {
        for (int[] s : SHAPES) check(s);
    }

    @Test
    void aPartOfThePictureHasTheSameBits() {
        int h = 37, w = 230;
        try (Arena arena = Arena.ofShared();
                Team team = new Team(3, () -> false)) {
            TapsConv conv = new TapsConv(arena, TestFrames.flat(arena, TestFrames.random(5, 3 * 20 * 9)), 20);
            Workspace workspace = new Workspace(arena, 3, conv.scratchBytes(h, w), 0, 0);
            Frames in = TestFrames.of(arena, TestFrames.random(1, h * w * 20), 1, h, w, 20),
                    whole = TestFrames.empty(arena, 1, h, w, 3),
                    part = TestFrames.empty(arena, 1, h, w, 3);
            var bias = TestFrames.padded(arena, TestFrames.random(2, 3));
            conv.run(team, workspace, in, Epilogue.plain(bias, whole));
            for (int y = 0; y < h; y += 11)
                for (int x = 0; x < w; x += 50)
                    conv.run(
                            team,
                            workspace,
                            in,
                            Epilogue.plain(bias, part)
                                    .within(new Window(y, x, Math.min(11, h - y), Math.min(50, w - x), h, w)));
            assertArrayEquals(TestFrames.read(whole), TestFrames.read(part));
        }
    }

    @Test
    void refusals() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(IllegalArgumentException.class, () -> new TapsConv(arena, arena.allocate(4 * 36), 1));
            assertThrows(IllegalArgumentException.class, () -> new TapsConv(arena, arena.allocate(0), 0));
        }
    }

    private static void check(int[] s) {
        int t = s[0], h = s[1], w = s[2], in = s[3], out = TapsConv.OUT;
        float[] x = TestFrames.random(7 * t + h, t * h * w * in), bias = TestFrames.random(3, out);
        float[] weight = TestFrames.scaled(TestFrames.random(5, out * in * 9), 1 / Math.sqrt(in * 9));
        float[] expected = ScalarConv.conv(x, t, h, w, in, weight, out, 1, 3, 3, bias);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            TapsConv conv = new TapsConv(arena, TestFrames.flat(arena, weight), in);
            Workspace workspace = new Workspace(arena, 2, conv.scratchBytes(h, w), 0, 0);
            Frames result = TestFrames.empty(arena, t, h, w, out);
            conv.run(
                    team,
                    workspace,
                    TestFrames.of(arena, x, t, h, w, in),
                    Epilogue.plain(TestFrames.padded(arena, bias), result));
            Closeness.of(expected, TestFrames.read(result)).within(1e-5, 2e-6, Arrays.toString(s));
        }
    }
}
