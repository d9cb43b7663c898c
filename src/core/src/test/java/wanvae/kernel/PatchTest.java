package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

/** Pictures to pixels of patches and back, and channels to pixels. */
@Tag("arithmetic")
class PatchTest {
    @ParameterizedTest
    @CsvSource({"3,1,5,7", "3,2,3,5", "4,1,2,3", "4,2,7,1", "3,4,2,3"})
    void everyValueGoesToItsPlaceAndBack(int colours, int p, int h, int w) {
        float[] x = TestFrames.random(colours + h, h * p * w * p * colours);
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            MemorySegment picture = TestFrames.flat(arena, x), back = arena.allocate(picture.byteSize(), 64);
            for (PatchOrder order : PatchOrder.values()) {
                float[] expected = new float[x.length];
                int channels = colours * p * p;
                for (int i = 0; i < x.length; i++) {
                    int c = i % colours, column = i / colours % (w * p), row = i / (colours * w * p);
                    int dx = column % p, dy = row % p, pixel = row / p * w + column / p;
                    int channel = order == PatchOrder.ROWS_FIRST ? c * p * p + dy * p + dx : c * p * p + dx * p + dy;
                    expected[pixel * channels + channel] = 2 * x[i] - 1;
                }
                Frames whole = TestFrames.empty(arena, 1, h, w, channels);
                Patchify.picture(team, picture, p, order, 2, -1, whole, 0);
                assertArrayEquals(expected, TestFrames.read(whole));
                for (int i = 0; i < h * w; i++)
                    for (int c = channels; c < whole.stride(); c++)
                        assertEquals(
                                0, whole.frames()[0].getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * whole.stride() + c));

                Window window = new Window(h / 2, w / 3, h - h / 2, w - w / 3, h, w);
                Frames part = new Frames(
                        TestFrames.empty(arena, 1, window.height(), window.width(), channels)
                                .frames(),
                        window,
                        channels);
                Patchify.picture(team, picture, p, order, 2, -1, part, 0);
                for (int y = window.y(); y < h; y++)
                    assertEquals(
                            -1,
                            part.frames()[0]
                                    .asSlice(part.offset(y, window.x()), part.rowBytes())
                                    .mismatch(whole.frames()[0].asSlice(whole.offset(y, window.x()), part.rowBytes())));

                assertEquals(-1, Unpatchify.picture(team, whole, 0, colours, p, order, 0.5f, 0.5f, false, back));
                assertArrayEquals(x, back.toArray(ValueLayout.JAVA_FLOAT), 2e-7f);
            }
        }
    }

    @Test
    void unpatchifyClampsAndTellsWhatIsNotFinite() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            Frames out = TestFrames.of(arena, new float[] {-3, 0.25f, 2, 0.5f, 1, 2, Float.NaN, 1}, 1, 1, 2, 4);
            MemorySegment picture = arena.allocate(4 * 8, 64);
            assertEquals(1, Unpatchify.picture(team, out, 0, 4, 1, PatchOrder.ROWS_FIRST, 2, -1, true, picture));
            assertArrayEquals(
                    new float[] {-1, -0.5f, 1, 0, 1, 1, Float.NaN, 1}, picture.toArray(ValueLayout.JAVA_FLOAT));
        }
    }

    @ParameterizedTest
    @CsvSource({"2,3,5,7,1", "1,2,17,2,3", "3,1,1,1,2", "2,4,64,3,1", "1,1,33,4,5"})
    void channelsBecomePixels(int frames, int factor, int channels, int h, int w) {
        int all = channels * factor * factor;
        float[] x = TestFrames.random(all, frames * h * w * all), expected = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int channel = i % all, column = i / all % w, row = i / (all * w) % h, t = i / (all * w * h);
            int c = channel / (factor * factor), dy = channel / factor % factor, dx = channel % factor;
            int y = (t * h + row) * factor + dy;
            expected[(y * w * factor + column * factor + dx) * channels + c] = x[i];
        }
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Frames out = TestFrames.empty(arena, frames, h * factor, w * factor, channels);
            PixelShuffle.run(team, TestFrames.of(arena, x, frames, h, w, all), factor, out);
            assertArrayEquals(expected, TestFrames.read(out));
            Frames other = TestFrames.empty(arena, frames, h * factor, w * factor + 1, channels);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PixelShuffle.run(team, TestFrames.of(arena, x, frames, h, w, all), factor, other));
        }
    }

    @Test
    void refusesOtherPictures() {
        try (Arena arena = Arena.ofConfined();
                Team team = new Team(1, () -> false)) {
            Frames out = TestFrames.empty(arena, 1, 2, 3, 12);
            MemorySegment small = arena.allocate(4 * 12 * 5);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Patchify.picture(team, small, 2, PatchOrder.ROWS_FIRST, 1, 0, out, 0));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Unpatchify.picture(team, out, 0, 4, 2, PatchOrder.ROWS_FIRST, 1, 0, true, small));
        }
    }
}
