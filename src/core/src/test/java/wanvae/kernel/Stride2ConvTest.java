package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.kernel.Stride2Conv.Padding;
import wanvae.runtime.Caches;
import wanvae.runtime.Team;

@Tag("arithmetic")
class Stride2ConvTest {
    // frames, height, width, in, out
    private static final int[][] SHAPES = {
        {1, 2, 2, 1, 1},
        {1, 3, 2, 3, 5},
        {2, 7, 5, 16, 17},
        {1, 2, 61, 6, 12},
        {3, 13, 29, 33, 31},
        {1, 38, 22, 20, 96},
        {2, 17, 16, 48, 3},
        {1, 31, 34, 7, 112}
    };

    @Test
    void equalsItsScalarTwin() {
        for (int[] s : SHAPES)
            for (Padding padding : Padding.values()) {
                float[] one = check(s, padding, 1);
                for (int threads : new int[] {2, 5})
                    assertArrayEquals(one, check(s, padding, threads), threads + " threads");
            }
    }

    /** A cache that holds next to nothing makes blocks half as large. */
    @Test
    void bitsDoNotDependOnCaches() {
        int[] s = {2, 90, 98, 5, 20};
        assertArrayEquals(
                new Caches(1, 1 << 30, 1, 1, 1).assumed(() -> check(s, Padding.AROUND, 1)),
                new Caches(1, 1, 1, 1, 1).assumed(() -> check(s, Padding.AROUND, 1)));
    }

    @Test
    void sizes() {
        try (Arena arena = Arena.ofConfined()) {
            Stride2Conv behind = new Stride2Conv(arena, arena.allocate(4 * 9), 1, 1, Padding.BEHIND),
                    around = new Stride2Conv(arena, arena.allocate(4 * 9), 1, 1, Padding.AROUND);
            assertEquals(22, behind.outputs(45));
            assertEquals(23, around.outputs(45));
            assertEquals(new Window(8, 0, 9, 17, 40, 60), behind.reads(new Window(4, 0, 4, 8, 20, 30)));
            assertEquals(new Window(7, 0, 9, 16, 40, 60), around.reads(new Window(4, 0, 4, 8, 20, 30)));
            assertEquals(new Window(32, 56, 9, 4, 41, 60), behind.reads(new Window(16, 28, 4, 2, 20, 30), 41, 60));
            assertThrows(IllegalArgumentException.class, () -> behind.reads(new Window(0, 0, 4, 4, 20, 30), 40, 62));
        }
    }

    @Test
    void refusesOtherSizes() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            Stride2Conv conv = new Stride2Conv(arena, arena.allocate(4 * 9), 1, 1, Padding.BEHIND);
            Workspace workspace =
                    new Workspace(arena, 1, conv.scratchBytes(2, 2), Long.MAX_VALUE, conv.transformedBytes());
            Frames in = TestFrames.empty(arena, 1, 5, 5, 1), three = TestFrames.empty(arena, 1, 3, 3, 1);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(team, workspace, in, Epilogue.plain(arena.allocate(64), three)));
            Frames two = TestFrames.empty(arena, 2, 2, 2, 1);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> conv.run(team, workspace, in, Epilogue.plain(arena.allocate(64), two)));
        }
    }

    private static float[] check(int[] s, Padding padding, int threads) {
        int t = s[0], h = s[1], w = s[2], in = s[3], out = s[4];
        float[] x = TestFrames.random(7 * t + h, t * h * w * in), bias = TestFrames.random(3, out);
        float[] weight = TestFrames.scaled(TestFrames.random(5, out * in * 9), 1 / Math.sqrt(in * 9));
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            Stride2Conv conv = new Stride2Conv(arena, TestFrames.flat(arena, weight), out, in, padding);
            int outH = conv.outputs(h), outW = conv.outputs(w);
            Frames result = TestFrames.empty(arena, t, outH, outW, out);
            Workspace workspace = new Workspace(
                    arena, threads, conv.scratchBytes(outH, outW), Long.MAX_VALUE, conv.transformedBytes());
            conv.run(
                    team,
                    workspace,
                    TestFrames.of(arena, x, t, h, w, in),
                    Epilogue.plain(TestFrames.padded(arena, bias), result));
            float[]
                    expected =
                            ScalarConv.stride2(
                                    x, t, h, w, in, weight, out, outH, outW, padding == Padding.AROUND ? 1 : 0, bias),
                    actual = TestFrames.read(result);
            Closeness.of(expected, actual).within(9.6e-6, 1.45e-6, Arrays.toString(s) + " padding " + padding);
            return actual;
        }
    }
}
