package wanvae.video.h264;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums of absolute differences after 4x4 Hadamard transforms (SATD), halved. Columns are transformed into a buffer and
 * rows from there: with both in one loop C2 leaves vectors on the heap, which takes ten times longer. Not safe for use
 * by several threads at once.
 */
final class TransformedDifference {
    private static final int LANES = SampleVectors.SHORTS.length();

    private static final ShortVector SIGNS =
            ShortVector.fromArray(SampleVectors.SHORTS, new short[] {1, -1, 1, -1, 1, -1, 1, -1}, 0);

    private final short[] buffer = new short[256];

    /** Of blocks whose {@code w} is 8 or 16 and whose {@code h} is a multiple of 4 up to 16. */
    int of(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        for (int x = 0; x < w; x += LANES) transformColumns(a, aAt + x, aStride, b, bAt + x, bStride, h, buffer, x * h);
        return halfSumOfRows(buffer, w * h);
    }

    /** The transform along columns of four samples of a block 8 samples wide. */
    private static void transformColumns(
            byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h, short[] out, int outAt) {
        for (int y = 0; y < h; y += 4) {
            int p = aAt + y * aStride, q = bAt + y * bStride, to = outAt + y * LANES;
            ShortVector r0 = SampleVectors.difference(a, p, b, q);
            ShortVector r1 = SampleVectors.difference(a, p + aStride, b, q + bStride);
            ShortVector r2 = SampleVectors.difference(a, p + 2 * aStride, b, q + 2 * bStride);
            ShortVector r3 = SampleVectors.difference(a, p + 3 * aStride, b, q + 3 * bStride);
            ShortVector s01 = r0.add(r1), d01 = r0.sub(r1), s23 = r2.add(r3), d23 = r2.sub(r3);
            s01.add(s23).intoArray(out, to);
            s01.sub(s23).intoArray(out, to + LANES);
            d01.add(d23).intoArray(out, to + 2 * LANES);
            d01.sub(d23).intoArray(out, to + 3 * LANES);
        }
    }

    /** Half the absolute sum of the transform along rows of four values. */
    private static int halfSumOfRows(short[] values, int n) {
        ShortVector sum = ShortVector.zero(SampleVectors.SHORTS);
        for (int i = 0; i < n; i += LANES)
            sum = sum.add(mostOfPairs(ShortVector.fromArray(SampleVectors.SHORTS, values, i)));
        return SampleVectors.sum(sum) >> 1;
    }

    /**
     * Of each four values, of which the first two become their sum and difference x and y, the others likewise v and w:
     * {@code max(|x|, |v|)} and {@code max(|y|, |w|)}, twice. The last step of the transform is in that: {@code |x + v| +
     * |x - v| = 2 max(|x|, |v|)}.
     */
    private static ShortVector mostOfPairs(ShortVector v) {
        ShortVector swapped =
                v.reinterpretAsInts().lanewise(VectorOperators.ROL, 16).reinterpretAsShorts();
        ShortVector pairs = swapped.add(v.mul(SIGNS)).abs();
        return pairs.max(
                pairs.reinterpretAsLongs().lanewise(VectorOperators.ROL, 32).reinterpretAsShorts());
    }
}
