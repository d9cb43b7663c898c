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
class EpilogueTest {
    @ParameterizedTest
    @CsvSource({"1,1", "3,5", "7,16", "2,33", "11,96"})
    void relu(int width, int channels) {
        float[] x = TestFrames.random(1, 2 * width * channels),
                bias = TestFrames.random(2, channels),
                residual = TestFrames.random(3, x.length);
        x[0] = Float.NaN;
        x[x.length - 1] = Float.NEGATIVE_INFINITY;
        x[x.length / 2] = -bias[x.length / 2 % channels];
        for (boolean adds : new boolean[] {false, true})
            for (boolean keeps : new boolean[] {false, true}) {
                float[] sum = new float[x.length], positive = new float[x.length];
                for (int i = 0; i < x.length; i++) {
                    sum[i] = x[i] + bias[i % channels];
                    if (adds) sum[i] += residual[i];
                    positive[i] = sum[i] < 0 ? 0 : sum[i];
                }
                try (Arena arena = Arena.ofConfined()) {
                    Frames sums = TestFrames.of(arena, x, 2, 1, width, channels),
                            raw = TestFrames.empty(arena, 2, 1, width, channels),
                            activated = TestFrames.empty(arena, 2, 1, width, channels);
                    Epilogue epilogue = new Epilogue(
                            TestFrames.padded(arena, bias),
                            adds ? TestFrames.of(arena, residual, 2, 1, width, channels) : null,
                            keeps ? raw : null,
                            new Activation.Relu(),
                            activated,
                            null,
                            activated.window());
                    for (int t = 0; t < 2; t++) epilogue.row(sums.address(t), t, 0, 0, width);
                    assertArrayEquals(positive, TestFrames.read(activated));
                    if (keeps) assertArrayEquals(sum, TestFrames.read(raw));
                }
            }
    }

    @Test
    void anActivationNeedsAPlace() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bias = arena.allocate(64);
            Frames out = TestFrames.empty(arena, 1, 1, 1, 1);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Epilogue(bias, null, out, new Activation.Relu(), null, null, out.window()));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Epilogue(bias, null, null, null, out, null, out.window()));
        }
    }

    @Test
    void softClamp() {
        float[] x = TestFrames.scaled(TestFrames.random(5, 3 * 5 * 7 * 18), 4), expected = new float[x.length];
        x[0] = 1e-6f;
        x[1] = -200;
        for (int i = 0; i < x.length; i++) expected[i] = (float) (3 * Math.tanh(x[i] / 3.0));
        try (Arena arena = Arena.ofShared();
                Team team = new Team(2, () -> false)) {
            Frames frames = TestFrames.of(arena, x, 3, 5, 7, 18);
            SoftClamp.run(team, frames);
            assertArrayEquals(expected, TestFrames.read(frames), 2.4e-7f);
        }
    }
}
