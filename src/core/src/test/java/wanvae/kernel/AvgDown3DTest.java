package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

@Tag("arithmetic")
class AvgDown3DTest {
    private static final int WINDOW_Y = 1, WINDOW_X = 2;

    /** Frames, output height and width, channels in and out, ft, fs. */
    @ParameterizedTest
    @CsvSource({
        "1,2,3,4,8,2,2",
        "3,3,5,6,12,1,2",
        "5,4,3,8,8,2,2",
        "4,2,4,17,17,1,1",
        "5,3,3,10,5,3,1",
        "2,2,3,20,40,2,2"
    })
    void equalsItsPlainTwin(int frames, int h, int w, int in, int out, int ft, int fs) {
        int height = h * fs, width = w * fs, outputs = Math.ceilDiv(frames, ft), zeros = outputs * ft - frames;
        float[] x = TestFrames.random(in + h, frames * height * width * in);
        float[] expected = new float[outputs * h * w * out];
        int group = in * ft * fs * fs / out;
        for (int i = 0; i < expected.length * group; i++) {
            int channel = i % (out * group), pixel = i / (out * group), t = pixel / (h * w) * ft - zeros;
            int dx = channel % fs, dy = channel / fs % fs, a = channel / (fs * fs) % ft, c = channel / (fs * fs * ft);
            int row = pixel / w % h * fs + dy, column = pixel % w * fs + dx;
            if (t + a >= 0) expected[i / group] += x[(((t + a) * height + row) * width + column) * in + c] / group;
        }
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Frames source = TestFrames.of(arena, x, frames, height, width, in),
                    result = TestFrames.empty(arena, outputs, h, w, out);
            AvgDown3D.run(team, source, ft, fs, false, result, result.window());
            Closeness.of(expected, TestFrames.read(result)).within(1e-6, 2e-7, "whole");

            float[] there = TestFrames.random(out, expected.length), sum = expected.clone();
            for (int i = 0; i < sum.length; i++) sum[i] += there[i];
            Frames added = TestFrames.of(arena, there, outputs, h, w, out);
            AvgDown3D.run(team, source, ft, fs, true, added, added.window());
            Closeness.of(sum, TestFrames.read(added)).within(1e-6, 2e-7, "added");

            Window window = new Window(WINDOW_Y, WINDOW_X, h - WINDOW_Y, w - WINDOW_X, h, w);
            Frames part = TestFrames.empty(arena, outputs, h, w, out);
            AvgDown3D.run(team, source, ft, fs, false, part, window);
            for (int t = 0; t < outputs; t++)
                for (int y = WINDOW_Y; y < h; y++) {
                    long at = part.offset(y, WINDOW_X), bytes = 4L * window.width() * part.stride();
                    assertEquals(
                            -1, part.frames()[t].asSlice(at, bytes).mismatch(result.frames()[t].asSlice(at, bytes)));
                }
        }
    }

    /** Where nothing is averaged, frames may be added to themselves; outside of the window they stay. */
    @Test
    void addsToItself() {
        float[] x = TestFrames.random(1, 2 * 3 * 4 * 5), expected = x.clone();
        Window window = new Window(1, 0, 2, 3, 3, 4);
        for (int i = 0; i < x.length; i++) {
            boolean inside = i / 20 % 3 >= 1 && i / 5 % 4 < 3;
            if (inside) expected[i] *= 2;
        }
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Frames frames = TestFrames.of(arena, x, 2, 3, 4, 5);
            AvgDown3D.run(team, frames, 1, 1, true, frames, window);
            assertArrayEquals(expected, TestFrames.read(frames));
        }
    }

    /** As the model meets it in its first chunk: a null frame counts as zeros, too. */
    @Test
    void zerosComeInFront() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            Frames x = TestFrames.of(arena, new float[] {1, 2, 3, 4}, 1, 2, 2, 1),
                    y = TestFrames.empty(arena, 1, 1, 1, 2);
            AvgDown3D.run(team, x, 2, 2, false, y, y.window());
            assertArrayEquals(new float[] {0, 2.5f}, TestFrames.read(y));
            Frames both = new Frames(new MemorySegment[] {null, x.frames()[0]}, 2, 2, 1);
            AvgDown3D.run(team, both, 2, 2, false, y, y.window());
            assertArrayEquals(new float[] {0, 2.5f}, TestFrames.read(y));
        }
    }

    @Test
    void refusesWrongShapes() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            Frames x = TestFrames.empty(arena, 3, 4, 4, 4), y = TestFrames.empty(arena, 1, 2, 2, 8);
            assertThrows(IllegalArgumentException.class, () -> AvgDown3D.run(team, x, 2, 2, false, y, y.window()));
            Frames odd = TestFrames.empty(arena, 2, 5, 4, 4);
            assertThrows(IllegalArgumentException.class, () -> AvgDown3D.run(team, odd, 2, 2, false, y, y.window()));
        }
    }
}
