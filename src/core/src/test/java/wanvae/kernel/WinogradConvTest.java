package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import wanvae.runtime.Caches;
import wanvae.runtime.Team;

@Tag("arithmetic")
class WinogradConvTest {
    // frames, height, width, in, out; from 129 channels on frequencies go in halves, of tiles of six rows
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1},
        {4, 1, 13, 3, 5},
        {2, 7, 1, 16, 17},
        {3, 5, 5, 6, 12},
        {4, 9, 11, 33, 31},
        {7, 13, 6, 20, 96},
        {5, 4, 8, 48, 3},
        {4, 3, 5, 130, 7},
        {3, 6, 9, 5, 145},
        {1, 2, 3, 144, 144},
        {2, 5, 6, 7, 112}
    };

    @Test
    void causal3x3x3EqualsItsScalarTwin() {
        for (int[] s : SHAPES)
            for (boolean past : new boolean[] {true, false}) check(s, true, false, past, Border.ZEROS, 2);
    }

    @Test
    void perFrame3x3EqualsItsScalarTwin() {
        for (int[] s : SHAPES) check(s, false, false, false, Border.ZEROS, 3);
    }

    @Test
    void upsampled3x3EqualsItsScalarTwin() {
        for (int[] s : SHAPES) check(s, false, true, false, Border.ZEROS, 2);
    }

    @Test
    void edgesAreRepeated() {
        for (int[] s : SHAPES) {
            for (boolean past : new boolean[] {true, false}) check(s, true, false, past, Border.REPLICATE, 2);
            check(s, false, false, false, Border.REPLICATE, 2);
            check(s, false, true, false, Border.REPLICATE, 2);
        }
    }

    @Test
    void causalUpsampled3x3x3EqualsItsScalarTwin() {
        for (int[] s : SHAPES)
            for (boolean past : new boolean[] {true, false})
                for (Border border : Border.values()) check(s, true, true, past, border, 2);
    }

    /** A frame beside the one before it. */
    @Test
    void pairsOfFramesEqualTheirScalarTwin() {
        for (int[] s : SHAPES)
            for (boolean past : new boolean[] {true, false})
                for (boolean upsample : new boolean[] {false, true}) check(s, 2, upsample, past, Border.ZEROS, 2);
    }

    @Test
    void bitsDoNotDependOnThreads() {
        float[] one = check(new int[] {5, 37, 45, 24, 40}, true, false, true, Border.ZEROS, 1);
        for (int threads = 2; threads <= 7; threads++)
            assertArrayEquals(
                    one,
                    check(new int[] {5, 37, 45, 24, 40}, true, false, true, Border.ZEROS, threads),
                    threads + " threads");
    }

    @Test
    void norInWideLayers() {
        float[] one = check(new int[] {4, 19, 70, 130, 20}, true, false, true, Border.ZEROS, 1);
        for (int threads : new int[] {2, 3, 7})
            assertArrayEquals(
                    one,
                    check(new int[] {4, 19, 70, 130, 20}, true, false, true, Border.ZEROS, threads),
                    threads + " threads");
    }

    /** A cache that holds next to nothing makes blocks half as large. */
    @Test
    void norOnCaches() {
        Caches small = new Caches(1, 1, 1, 1, 1), large = new Caches(1, 1 << 30, 1, 1, 1);
        for (boolean upsample : new boolean[] {false, true})
            for (int threads : new int[] {1, 3}) {
                int[] s = {4, 45, 70, 17, 20};
                assertArrayEquals(
                        large.assumed(() -> check(s, true, upsample, true, Border.ZEROS, threads)),
                        small.assumed(() -> check(s, true, upsample, true, Border.ZEROS, threads)),
                        threads + " threads, upsample " + upsample);
            }
    }

    private static float[] check(
            int[] s, boolean temporal, boolean upsample, boolean past, Border border, int threads) {
        return check(s, temporal ? 3 : 1, upsample, past, border, threads);
    }

    private static float[] check(int[] s, int kt, boolean upsample, boolean past, Border border, int threads) {
        int t = s[0], h = s[1], w = s[2], in = s[3], out = s[4], scale = upsample ? 2 : 1;
        float[] x = TestFrames.random(7 * t + h, (t + kt - 1) * h * w * in), bias = TestFrames.random(3, out);
        int frame = h * w * in, pastFrames = past ? 0 : kt - 1;
        for (int f = 0; f < pastFrames; f++) {
            if (border == Border.ZEROS) Arrays.fill(x, f * frame, (f + 1) * frame, 0);
            else System.arraycopy(x, pastFrames * frame, x, f * frame, frame);
        }
        float[] weight = TestFrames.scaled(TestFrames.random(5, out * in * kt * 9), 1 / Math.sqrt(in * kt * 9));
        float[] big = upsample ? upsampled(x, t + kt - 1, h, w, in) : x;
        float[] expected = ScalarConv.conv(big, t, scale * h, scale * w, in, weight, out, kt, 3, 3, bias, border);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads, () -> false)) {
            MemorySegment[] all = TestFrames.of(arena, x, t + kt - 1, h, w, in).frames();
            for (int f = 0; f < pastFrames; f++) all[f] = border == Border.ZEROS ? null : all[pastFrames];
            Frames frames = new Frames(all, h, w, in);
            Frames result = TestFrames.empty(arena, t, scale * h, scale * w, out);
            MemorySegment flat = TestFrames.flat(arena, kt == 2 ? sideBySide(weight, out, in) : weight);
            Convolution conv = new WinogradConv(arena, flat, out, in, kt, upsample, border);
            Workspace workspace = new Workspace(
                    arena, threads, conv.scratchBytes(scale * h, scale * w), Long.MAX_VALUE, conv.transformedBytes());
            conv.run(team, workspace, frames, Epilogue.plain(TestFrames.padded(arena, bias), result));
            float[] actual = TestFrames.read(result);
            // F(6,3)'s own budget (WinogradErrorTest), and F(4,3)'s with room for other seeds.
            boolean six = Math.max(in, out) > 128 && !upsample;
            Closeness.of(expected, actual)
                    .within(
                            six ? 7.9e-5 : 3e-5,
                            six ? 5.7e-6 : 4e-6,
                            Arrays.toString(s) + " kt " + kt + " upsample " + upsample + " past " + past + " "
                                    + border);
            return actual;
        }
    }

    /** {@code [out][in][2][3][3]}, the older tap first, as {@code [out][2·in][3][3]}, the newer one first. */
    private static float[] sideBySide(float[] weight, int out, int in) {
        float[] y = new float[weight.length];
        for (int o = 0; o < out; o++)
            for (int i = 0; i < in; i++)
                for (int t = 0; t < 2; t++)
                    System.arraycopy(weight, ((o * in + i) * 2 + t) * 9, y, ((o * 2 + 1 - t) * in + i) * 9, 9);
        return y;
    }

    private static float[] upsampled(float[] x, int t, int h, int w, int c) {
        float[] y = new float[4 * t * h * w * c];
        for (int f = 0; f < t; f++)
            for (int i = 0; i < 2 * h; i++)
                for (int j = 0; j < 2 * w; j++)
                    System.arraycopy(x, ((f * h + i / 2) * w + j / 2) * c, y, ((f * 2 * h + i) * 2 * w + j) * c, c);
        return y;
    }
}
