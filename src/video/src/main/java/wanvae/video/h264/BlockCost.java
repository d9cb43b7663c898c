package wanvae.video.h264;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Differences between blocks of samples. */
final class BlockCost {
    private BlockCost() {}

    /** Sum of absolute differences; {@code w} is 8 or 16, {@code h} at most 16. */
    static int sad(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        return w == 8 ? sad8(a, aAt, aStride, b, bAt, bStride, h) : sad16(a, aAt, aStride, b, bAt, bStride, h);
    }

    // One loop each: of nested ones C2 leaves the sum on the heap.
    private static int sad8(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h) {
        ShortVector sum = ShortVector.zero(SampleVectors.SHORTS);
        for (int y = 0; y < h; y++)
            sum = sum.add(SampleVectors.difference(a, aAt + y * aStride, b, bAt + y * bStride)
                    .abs());
        return SampleVectors.sum(sum.reinterpretAsLongs().reduceLanes(VectorOperators.ADD));
    }

    private static int sad16(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h) {
        ShortVector both = ShortVector.zero(SampleVectors.SHORTS), odd = both;
        for (int y = 0; y < h; y++) {
            ByteVector x = ByteVector.fromArray(SampleVectors.SIXTEEN, a, aAt + y * aStride);
            ByteVector z = ByteVector.fromArray(SampleVectors.SIXTEEN, b, bAt + y * bStride);
            ShortVector pairs = x.lanewise(VectorOperators.UMAX, z)
                    .sub(x.lanewise(VectorOperators.UMIN, z))
                    .reinterpretAsShorts();
            both = both.add(pairs);
            odd = odd.add(pairs.lanewise(VectorOperators.LSHR, 8));
        }
        return SampleVectors.sum(
                both.sub(odd.mul((short) 255)).reinterpretAsLongs().reduceLanes(VectorOperators.ADD));
    }

    /** {@link TransformedDifference} of one 4x4 block. */
    static int satd4x4(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride) {
        long r0 = row(a, aAt, b, bAt), r1 = row(a, aAt + aStride, b, bAt + bStride);
        long r2 = row(a, aAt + 2 * aStride, b, bAt + 2 * bStride), r3 = row(a, aAt + 3 * aStride, b, bAt + 3 * bStride);
        long s01 = r0 + r1, d01 = r0 - r1, s23 = r2 + r3, d23 = r2 - r3;
        return half(s01 + s23) + half(s01 - s23) + half(d01 + d23) + half(d01 - d23);
    }

    /**
     * The transform of a row of four differences, as 16-bit numbers with sign in one: lower ones borrow from higher
     * ones, which {@link #half} undoes.
     */
    private static long row(byte[] a, int p, byte[] b, int q) {
        int d0 = (a[p] & 0xFF) - (b[q] & 0xFF), d1 = (a[p + 1] & 0xFF) - (b[q + 1] & 0xFF);
        int d2 = (a[p + 2] & 0xFF) - (b[q + 2] & 0xFF), d3 = (a[p + 3] & 0xFF) - (b[q + 3] & 0xFF);
        int s01 = d0 + d1, t01 = d0 - d1, s23 = d2 + d3, t23 = d2 - d3;
        return s01 + ((long) s23 << 16) + ((long) t01 << 32) + ((long) t23 << 48);
    }

    /** Half the absolute sum of the row of four that two pairs of values in 16 bits become. */
    private static int half(long v) {
        int a = (short) v;
        v = v - a >> 16;
        int b = (short) v;
        v = v - b >> 16;
        int c = (short) v, d = (int) (v - c >> 16);
        return Math.max(Math.abs(a), Math.abs(b)) + Math.max(Math.abs(c), Math.abs(d));
    }

    /** Sum of squared differences. */
    static int ssd8x8(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride) {
        IntVector sum = IntVector.zero(SampleVectors.INTS);
        for (int y = 0; y < 8; y++) {
            ShortVector d = (ShortVector) ByteVector.fromArray(SampleVectors.BYTES, a, aAt + y * aStride)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0)
                    .sub(ByteVector.fromArray(SampleVectors.BYTES, b, bAt + y * bStride)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0));
            IntVector squares = d.mul(d).reinterpretAsInts(); // two each, which have room in lanes without sign
            sum = sum.add(squares.and(0xFFFF)).add(squares.lanewise(VectorOperators.LSHR, 16));
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /**
     * The sum of squared differences between a and b in the upper half of the result, that between b and its mean, its
     * energy, in the lower half.
     */
    static long ssdAndEnergy8x8(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride) {
        IntVector errors = IntVector.zero(SampleVectors.INTS), squares = errors;
        ShortVector sums = ShortVector.zero(SampleVectors.SHORTS);
        for (int y = 0; y < 8; y++) {
            ShortVector v = (ShortVector) ByteVector.fromArray(SampleVectors.BYTES, b, bAt + y * bStride)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0);
            ShortVector d = (ShortVector) ByteVector.fromArray(SampleVectors.BYTES, a, aAt + y * aStride)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0)
                    .sub(v);
            IntVector e = d.mul(d).reinterpretAsInts(), s = v.mul(v).reinterpretAsInts();
            errors = errors.add(e.and(0xFFFF)).add(e.lanewise(VectorOperators.LSHR, 16));
            squares = squares.add(s.and(0xFFFF)).add(s.lanewise(VectorOperators.LSHR, 16));
            sums = sums.add(v);
        }
        int sum = sums.reduceLanes(VectorOperators.ADD);
        int energy = squares.reduceLanes(VectorOperators.ADD) - (sum * sum >> 6);
        return (long) errors.reduceLanes(VectorOperators.ADD) << 32 | energy;
    }
}
