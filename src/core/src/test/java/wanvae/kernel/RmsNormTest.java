package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.runtime.Team;

@Tag("arithmetic")
class RmsNormTest {
    private static float[] twin(float[] x, float[] gamma, boolean silu) {
        int channels = gamma.length;
        float[] y = new float[x.length];
        for (int pixel = 0; pixel < x.length; pixel += channels) {
            double squares = 0;
            for (int c = 0; c < channels; c++) squares += (double) x[pixel + c] * x[pixel + c];
            double scale = Math.sqrt(channels) / Math.max(Math.sqrt(squares), 1e-12);
            for (int c = 0; c < channels; c++) {
                double normalised = x[pixel + c] * scale * gamma[c];
                y[pixel + c] = (float) (silu ? normalised / (1 + Math.exp(-normalised)) : normalised);
            }
        }
        return y;
    }

    /** Frames, height, width and channels. The first pixel is zero, the second very dark. */
    @ParameterizedTest
    @CsvSource({"1,1,3,1", "2,3,5,3", "3,7,2,16", "1,5,7,17", "4,2,3,96", "2,3,3,130", "1,2,2,384"})
    void equalsItsPlainTwin(int frames, int height, int width, int channels) {
        float[] x = TestFrames.random(channels, frames * height * width * channels),
                gamma = TestFrames.random(7, channels);
        for (int c = 0; c < channels; c++) {
            x[c] = 0;
            x[channels + c] *= 1e-9f;
        }
        for (boolean silu : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared();
                    Team team = new Team(2, () -> false)) {
                Frames in = TestFrames.of(arena, x, frames, height, width, channels),
                        out = TestFrames.empty(arena, frames, height, width, channels);
                RmsNorm.run(team, in, TestFrames.padded(arena, gamma), silu, out);
                Closeness.of(twin(x, gamma, silu), TestFrames.read(out)).within(2e-6, 3e-7, "silu " + silu);
                assertArrayEquals(x, TestFrames.read(in));
            }
    }

    /** An encode in pieces normalises what it has put aside, an undivided one what a convolution has just made. */
    @ParameterizedTest
    @CsvSource({"5,3", "9,16", "3,33", "7,96"})
    void hasTheBitsOfTheNormBehindAConvolution(int width, int channels) {
        float[] x = TestFrames.random(channels, 2 * width * channels);
        for (boolean silu : new boolean[] {false, true})
            try (Arena arena = Arena.ofShared();
                    Team team = new Team(2, () -> false)) {
                MemorySegment gamma = TestFrames.padded(arena, TestFrames.random(7, channels)),
                        noBias = TestFrames.padded(arena, new float[channels]);
                Frames in = TestFrames.of(arena, x, 2, 1, width, channels),
                        sums = TestFrames.of(arena, x, 2, 1, width, channels),
                        raw = TestFrames.empty(arena, 2, 1, width, channels),
                        behind = TestFrames.empty(arena, 2, 1, width, channels),
                        alone = TestFrames.empty(arena, 2, 1, width, channels);
                Epilogue epilogue = new Epilogue(noBias, null, raw, gamma, silu, behind);
                for (int t = 0; t < 2; t++) epilogue.row(sums.address(t), t, 0, 0, width);
                RmsNorm.run(team, in, gamma, silu, alone);
                assertArrayEquals(TestFrames.read(behind), TestFrames.read(alone));
            }
    }

    @Test
    void refusesOtherFrames() {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            MemorySegment gamma = TestFrames.padded(arena, new float[4]);
            Frames in = TestFrames.empty(arena, 2, 3, 4, 4);
            for (Frames out : new Frames[] {
                TestFrames.empty(arena, 1, 3, 4, 4),
                TestFrames.empty(arena, 2, 4, 3, 4),
                TestFrames.empty(arena, 2, 3, 4, 5)
            }) assertThrows(IllegalArgumentException.class, () -> RmsNorm.run(team, in, gamma, false, out));
        }
    }
}
