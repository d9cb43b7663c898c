package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("arithmetic")
class ComposedKernelTest {
    @ParameterizedTest
    @CsvSource({"1,1,1", "5,3,7", "17,16,2", "3,33,19", "8,64,48"})
    void equalsOneBehindTheOther(int out, int middle, int in) {
        int h = 4, w = 5;
        float[] pointwise = TestFrames.scaled(TestFrames.random(1, middle * in), 1 / Math.sqrt(in)),
                behind = TestFrames.scaled(TestFrames.random(2, out * middle * 9), 1 / Math.sqrt(middle * 9)),
                x = TestFrames.random(3, h * w * in);
        float[] between = ScalarConv.conv(x, 1, h, w, in, pointwise, middle, 1, 1, 1, new float[middle]);
        float[] expected = ScalarConv.conv(between, 1, h, w, middle, behind, out, 1, 3, 3, new float[out]);
        try (Arena arena = Arena.ofConfined()) {
            float[] composed = ComposedKernel.of(
                            arena, TestFrames.flat(arena, pointwise), TestFrames.flat(arena, behind), out, middle, in)
                    .toArray(ValueLayout.JAVA_FLOAT);
            Closeness.of(expected, ScalarConv.conv(x, 1, h, w, in, composed, out, 1, 3, 3, new float[out]))
                    .within(2e-6, 4e-7, "composed");
        }
    }

    @Test
    void refusesOtherWeights() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ComposedKernel.of(arena, arena.allocate(4 * 6), arena.allocate(4 * 36), 2, 3, 2));
        }
    }
}
