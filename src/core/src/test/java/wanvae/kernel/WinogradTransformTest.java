package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The transforms of F(m,3) against exact arithmetic: the matrices that Toom and Cook's construction gives for our
 * points compute convolutions exactly, and the float code is those matrices.
 */
@Tag("arithmetic")
class WinogradTransformTest {
    private static final Surd A = Surd.of(0, 1, 2), B = Surd.of(0, 1, 1), MINUS = Surd.of(-1, 0, 1);
    /** The finite points in the order of the transforms, of F(6,3) and of all others; ∞ is the last. */
    private static final List<Surd> SIX = List.of(
            Surd.ZERO, Surd.of(1, 0, 2), Surd.of(-1, 0, 2), Surd.ONE, MINUS, Surd.of(2, 0, 1), Surd.of(-2, 0, 1));

    private static final List<Surd> POINTS = List.of(Surd.ZERO, A, A.times(MINUS), B, B.times(MINUS));
    private static final int TAPS = 3;

    /**
     * F(m,3) with the first {@code m + 1} finite points and ∞: outputs {@code A^T [(G g) ⊙ (B^T d)]}, the rows of G
     * being those of F(4,3), or of F(6,3).
     */
    private record Algorithm(int m) {
        private List<Surd> all() {
            return m == 6 ? SIX : POINTS;
        }

        private List<Surd> finite() {
            return all().subList(0, m + 1);
        }

        int points() {
            return m + 2;
        }

        int inputs() {
            return m + TAPS - 1;
        }

        /** Row of G among those of all points: the last is ∞. */
        Surd weight(int point, int tap) {
            if (point == m + 1) return tap == TAPS - 1 ? Surd.ONE : Surd.ZERO;
            return all().get(point).power(tap).times(denominator(all(), point).inverse());
        }

        Surd input(int point, int i) {
            Surd[] coefficients = product(finite(), point);
            Surd coefficient = i < coefficients.length ? coefficients[i] : Surd.ZERO;
            return point == m + 1
                    ? coefficient
                    : coefficient
                            .times(denominator(all(), point))
                            .times(denominator(finite(), point).inverse());
        }

        Surd output(int i, int point) {
            if (point == m + 1) return i == m - 1 ? Surd.ONE : Surd.ZERO;
            return all().get(point).power(i);
        }

        /** Coefficients of Π (x - p) over the points other than the one left out. */
        private static Surd[] product(List<Surd> points, int leftOut) {
            Surd[] polynomial = {Surd.ONE};
            for (int k = 0; k < points.size(); k++) {
                if (k == leftOut) continue;
                Surd[] next = new Surd[polynomial.length + 1];
                for (int i = 0; i < next.length; i++)
                    next[i] = (i > 0 ? polynomial[i - 1] : Surd.ZERO)
                            .minus(i < polynomial.length ? polynomial[i].times(points.get(k)) : Surd.ZERO);
                polynomial = next;
            }
            return polynomial;
        }

        /** N_k, the product of a point's distances from the others. */
        private static Surd denominator(List<Surd> points, int k) {
            Surd product = Surd.ONE;
            for (int j = 0; j < points.size(); j++)
                if (j != k) product = product.times(points.get(k).minus(points.get(j)));
            return product;
        }
    }

    /** Bilinear in weights and inputs, so that the unit vectors decide. */
    @Test
    void theMatricesConvolveExactly() {
        for (int m : new int[] {1, 2, 4, 6}) {
            Algorithm f = new Algorithm(m);
            for (int i = 0; i < m; i++)
                for (int tap = 0; tap < TAPS; tap++)
                    for (int input = 0; input < f.inputs(); input++) {
                        Surd sum = Surd.ZERO;
                        for (int p = 0; p < f.points(); p++)
                            sum = sum.plus(
                                    f.output(i, p).times(f.weight(p, tap)).times(f.input(p, input)));
                        assertEquals(
                                input == i + tap ? Surd.ONE : Surd.ZERO,
                                sum,
                                "F(" + m + ",3): output " + i + ", tap " + tap + ", input " + input);
                    }
        }
    }

    /** F(m,2): two taps need {@code m + 1} inputs and no ∞. */
    @Test
    void twoTapsNeedTheFinitePointsOnly() {
        for (int m : new int[] {2, 4}) {
            Algorithm f = new Algorithm(m);
            for (int i = 0; i < m; i++)
                for (int tap = 0; tap < 2; tap++)
                    for (int input = 0; input < m + 1; input++) {
                        Surd sum = Surd.ZERO;
                        for (int p = 0; p < m + 1; p++)
                            sum = sum.plus(
                                    f.output(i, p).times(f.weight(p, tap)).times(f.input(p, input)));
                        assertEquals(
                                input == i + tap ? Surd.ONE : Surd.ZERO,
                                sum,
                                "F(" + m + ",2): output " + i + ", tap " + tap + ", input " + input);
                    }
        }
    }

    @Test
    void weights() {
        Algorithm f = new Algorithm(4);
        equal(
                (s, d, step) -> WinogradTransform.weights(s, 0, step, d, 0, step, 1),
                TAPS,
                6,
                (row, column) -> f.weight(row, column));
        equal((s, d, step) -> WinogradTransform.weights6(s, 0, step, d, 0, step, 1), TAPS, 8, new Algorithm(6)::weight);
        equal(
                (s, d, step) -> WinogradTransform.innerWeights(s, step, d, step),
                TAPS,
                4,
                (row, column) -> f.weight(row + 1, column));
        equal(
                (s, d, step) -> WinogradTransform.innerWeights2(s, step, d, step),
                2,
                4,
                (row, column) -> f.weight(row + 1, column));
    }

    @Test
    void inputs() {
        equal((s, d, step) -> WinogradTransform.in4(s, 0, step, d, 0, step, 1), 6, 6, new Algorithm(4)::input);
        equal(
                (s, d, step) -> WinogradTransform.in4(
                        s, s + step, s + 2 * step, s + 3 * step, s + 4 * step, s + 5 * step, d, step, step),
                6,
                6,
                new Algorithm(4)::input);
        equal(
                (s, d, step) -> WinogradTransform.in6(
                        s,
                        s + step,
                        s + 2 * step,
                        s + 3 * step,
                        s + 4 * step,
                        s + 5 * step,
                        s + 6 * step,
                        s + 7 * step,
                        d,
                        step,
                        step),
                8,
                8,
                new Algorithm(6)::input);
        equal((s, d, step) -> WinogradTransform.in4of2(s, 0, step, d, 0, step, 1), 5, 5, new Algorithm(4)::input);
        equal(
                (s, d, step) ->
                        WinogradTransform.in4of2(s, s + step, s + 2 * step, s + 3 * step, s + 4 * step, d, step, step),
                5,
                5,
                new Algorithm(4)::input);
        equal(
                (s, d, step) -> WinogradTransform.in2of2(s, s + step, s + 2 * step, d, step, step),
                3,
                3,
                new Algorithm(2)::input);
        equal(
                (s, d, step) -> WinogradTransform.in2(s, s + step, s + 2 * step, s + 3 * step, d, step, step),
                4,
                4,
                new Algorithm(2)::input);
        equal(
                (s, d, step) -> WinogradTransform.in1(s, s + step, s + 2 * step, d, step, step),
                3,
                3,
                new Algorithm(1)::input);
    }

    @Test
    void outputs() {
        equal((s, d, step) -> WinogradTransform.out4(s, 0, step, d, 0, step, 1), 6, 4, new Algorithm(4)::output);
        equal((s, d, step) -> WinogradTransform.out6(s, step, d, step, 1), 8, 6, new Algorithm(6)::output);
        equal((s, d, step) -> WinogradTransform.out4of2(s, 0, step, d, 0, step, 1), 5, 4, new Algorithm(4)::output);
        equal((s, d, step) -> WinogradTransform.out2(s, step, d, step, step), 4, 2, new Algorithm(2)::output);
        equal((s, d, step) -> WinogradTransform.out2of2(s, step, d, step, step), 3, 2, new Algorithm(2)::output);
        equal((s, d, step) -> WinogradTransform.out1of2(s, step, d, step), 2, 1, (row, column) -> Surd.ONE);
        equal((s, d, step) -> WinogradTransform.out1(s, step, d, step), 3, 1, new Algorithm(1)::output);
    }

    /** Several transforms in one call: each reads and writes where its strides say. */
    @Test
    void strides() {
        int count = 3, vector = 4 * Simd.LANES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(6L * count * vector, 64),
                    d = arena.allocate(6L * count * vector, 64),
                    one = arena.allocate(6L * vector, 64);
            for (int i = 0; i < 6 * count * Simd.LANES; i++)
                s.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i));
            WinogradTransform.in4(s.address(), 6 * vector, vector, d.address(), vector, count * vector, count);
            for (int i = 0; i < count; i++) {
                WinogradTransform.in4(s.address() + 6L * i * vector, 0, vector, one.address(), 0, vector, 1);
                for (int p = 0; p < 6; p++)
                    assertEquals(
                            -1,
                            d.asSlice((long) (p * count + i) * vector, vector)
                                    .mismatch(one.asSlice((long) p * vector, vector)));
            }
        }
    }

    /** From {@code s + i·step} to {@code d + j·step}, one vector each. */
    private interface Transform {
        void run(long s, long d, long step);
    }

    private interface Matrix {
        Surd at(int row, int column);
    }

    /** The transform of unit vectors gives the matrix's columns, to rounding. */
    private static void equal(Transform transform, int columns, int rows, Matrix matrix) {
        long step = 4L * Simd.LANES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(columns * step, 64), d = arena.allocate(rows * step, 64);
            for (int column = 0; column < columns; column++) {
                s.fill((byte) 0);
                d.fill((byte) 0);
                for (int lane = 0; lane < Simd.LANES; lane++)
                    s.setAtIndex(ValueLayout.JAVA_FLOAT, column * Simd.LANES + lane, 1f + lane);
                transform.run(s.address(), d.address(), step);
                for (int row = 0; row < rows; row++)
                    for (int lane = 0; lane < Simd.LANES; lane++) {
                        double expected = matrix.at(row, column).value() * (1 + lane);
                        assertEquals(
                                expected,
                                d.getAtIndex(ValueLayout.JAVA_FLOAT, row * Simd.LANES + lane),
                                0x1p-22 * Math.abs(expected),
                                "row " + row + ", column " + column);
                    }
            }
        }
    }
}
