package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * A 1x1 convolution without bias followed by a 3x3 convolution, composed into one 3x3 convolution: {@code w[o][i][tap]
 * = Σ_m behind[o][m][tap] · pointwise[m][i]}. The result is the same at the edges too, because a 1x1 convolution
 * without bias turns zeros into zeros. A nearest enlargement may come before or after the 1x1 convolution: the two
 * commute.
 */
public final class ComposedKernel {
    private static final int TAPS = 9;

    private ComposedKernel() {}

    /**
     * @param arena     owner of the result
     * @param pointwise {@code [middle][in]} floats in C order, in native memory
     * @param behind    {@code [out][middle][3][3]} floats in C order, in native memory
     * @return {@code [out][in][3][3]} floats in C order
     */
    public static MemorySegment of(
            Arena arena, MemorySegment pointwise, MemorySegment behind, int out, int middle, int in) {
        if (pointwise.byteSize() != 4L * middle * in || behind.byteSize() != 4L * TAPS * out * middle)
            throw new IllegalArgumentException("a convolution " + in + " to " + middle + " of "
                    + pointwise.byteSize() + " bytes and one to " + out + " of " + behind.byteSize()
                    + " do not follow one another");
        MemorySegment result = arena.allocate(4L * TAPS * out * in, 64);
        int stride = Simd.padded(in);
        try (Arena temporary = Arena.ofConfined()) {
            // The weights may be a mapped file, so they are read value by value, as in WinogradWeights.
            long rows = temporary.allocate(4L * middle * stride, 64).address(),
                    sum = temporary.allocate(4L * stride, 64).address();
            for (int m = 0; m < middle; m++)
                for (int i = 0; i < in; i++)
                    Simd.set(rows + 4L * (m * stride + i), Simd.get(pointwise.address() + 4L * (m * in + i)));
            for (int o = 0; o < out; o++)
                for (int tap = 0; tap < TAPS; tap++) {
                    product(behind.address() + 4L * (o * middle * TAPS + tap), rows, middle, 4L * stride, sum);
                    for (int i = 0; i < in; i++)
                        Simd.set(result.address() + 4L * ((o * in + i) * TAPS + tap), Simd.get(sum + 4L * i));
                }
        }
        return result;
    }

    /** Sums the rows, each multiplied by its middle channel's value of one tap of a kernel. */
    private static void product(long tap, long rows, int middle, long row, long sum) {
        for (long i = 0; i < row; i += 4L * Simd.LANES) {
            FloatVector s = FloatVector.zero(Simd.SPECIES);
            for (int m = 0; m < middle; m++)
                s = Simd.broadcast(tap + 4L * TAPS * m).fma(Simd.load(rows + m * row + i), s);
            Simd.store(s, sum + i);
        }
    }
}
