package wanvae.video.h264;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Sums of absolute differences after 4x4 Hadamard transforms (SATD), halved. */
final class TransformedDifference {
    private static final ShortVector SIGNS =
            ShortVector.fromArray(SampleVectors.SHORTS, new short[] {1, -1, 1, -1, 1, -1, 1, -1}, 0);
    private static final ShortVector PAIR_SIGNS =
            ShortVector.fromArray(SampleVectors.SHORTS, new short[] {1, 1, -1, -1, 1, 1, -1, -1}, 0);

    private TransformedDifference() {}

    /** Of blocks whose {@code w} is 8 or 16 and whose {@code h} is a multiple of 4 up to 16. */
    static int of(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        int sum = eightWide(a, aAt, aStride, b, bAt, bStride, h);
        return w == 8 ? sum : sum + eightWide(a, aAt + 8, aStride, b, bAt + 8, bStride, h);
    }

    /**
     * Two 4x4 blocks at a time: half of the transform downwards, all of it across, and the other half downwards in the
     * sum, {@code |x + y| + |x - y| = 2 max(|x|, |y|)}. No method that takes vectors is called behind the loads: see
     * {@link SampleVectors}.
     */
    private static int eightWide(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h) {
        ShortVector sum = ShortVector.zero(SampleVectors.SHORTS);
        for (int y = 0; y < h; y += 4) {
            int p = aAt + y * aStride, q = bAt + y * bStride;
            ShortVector r0 = SampleVectors.difference(a, p, b, q);
            ShortVector r1 = SampleVectors.difference(a, p + aStride, b, q + bStride);
            ShortVector r2 = SampleVectors.difference(a, p + 2 * aStride, b, q + 2 * bStride);
            ShortVector r3 = SampleVectors.difference(a, p + 3 * aStride, b, q + 3 * bStride);
            ShortVector s01 = r0.add(r1), d01 = r0.sub(r1), s23 = r2.add(r3), d23 = r2.sub(r3);
            // Neighbours become their sum and difference.
            s01 = s01.reinterpretAsInts()
                    .lanewise(VectorOperators.ROL, 16)
                    .reinterpretAsShorts()
                    .add(s01.mul(SIGNS));
            d01 = d01.reinterpretAsInts()
                    .lanewise(VectorOperators.ROL, 16)
                    .reinterpretAsShorts()
                    .add(d01.mul(SIGNS));
            s23 = s23.reinterpretAsInts()
                    .lanewise(VectorOperators.ROL, 16)
                    .reinterpretAsShorts()
                    .add(s23.mul(SIGNS));
            d23 = d23.reinterpretAsInts()
                    .lanewise(VectorOperators.ROL, 16)
                    .reinterpretAsShorts()
                    .add(d23.mul(SIGNS));
            // So do pairs.
            s01 = s01.reinterpretAsLongs()
                    .lanewise(VectorOperators.ROL, 32)
                    .reinterpretAsShorts()
                    .add(s01.mul(PAIR_SIGNS));
            d01 = d01.reinterpretAsLongs()
                    .lanewise(VectorOperators.ROL, 32)
                    .reinterpretAsShorts()
                    .add(d01.mul(PAIR_SIGNS));
            s23 = s23.reinterpretAsLongs()
                    .lanewise(VectorOperators.ROL, 32)
                    .reinterpretAsShorts()
                    .add(s23.mul(PAIR_SIGNS));
            d23 = d23.reinterpretAsLongs()
                    .lanewise(VectorOperators.ROL, 32)
                    .reinterpretAsShorts()
                    .add(d23.mul(PAIR_SIGNS));
            sum = sum.add(s01.abs().max(s23.abs())).add(d01.abs().max(d23.abs()));
        }
        IntVector pairs = sum.reinterpretAsInts();
        return pairs.and(0xFFFF).add(pairs.lanewise(VectorOperators.LSHR, 16)).reduceLanes(VectorOperators.ADD);
    }
}
