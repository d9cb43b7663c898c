package wanvae.video.h264;

import jdk.incubator.vector.ByteVector;
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
        return SampleVectors.sum(
                w == 8
                        ? eightWide(a, aAt, aStride, b, bAt, bStride, h)
                        : sixteenWide(a, aAt, aStride, b, bAt, bStride, h));
    }

    /**
     * Two 4x4 blocks at a time: half of the transform downwards, all of it across, and the other half downwards in the
     * sum, {@code |x + y| + |x - y| = 2 max(|x|, |y|)}. No method that takes vectors is called behind the loads: see
     * {@link SampleVectors}.
     */
    private static long eightWide(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h) {
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
        return sum.reinterpretAsLongs().reduceLanes(VectorOperators.ADD);
    }

    /**
     * Four 4x4 blocks at a time. A row's samples are lanes of two bytes, so that neighbours are apart before the
     * transform: their sums and differences take no moves between lanes. All of it goes downwards, and the other half
     * across is in the sum, of lanes next to each other.
     */
    private static long sixteenWide(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int h) {
        ShortVector sum = ShortVector.zero(SampleVectors.SHORTS);
        for (int y = 0; y < h; y += 4) {
            int p = aAt + y * aStride, q = bAt + y * bStride;
            ShortVector a0 = ByteVector.fromArray(SampleVectors.SIXTEEN, a, p).reinterpretAsShorts();
            ShortVector b0 = ByteVector.fromArray(SampleVectors.SIXTEEN, b, q).reinterpretAsShorts();
            ShortVector e0 = a0.and((short) 0xFF).sub(b0.and((short) 0xFF));
            ShortVector o0 = a0.lanewise(VectorOperators.LSHR, 8).sub(b0.lanewise(VectorOperators.LSHR, 8));
            ShortVector a1 =
                    ByteVector.fromArray(SampleVectors.SIXTEEN, a, p + aStride).reinterpretAsShorts();
            ShortVector b1 =
                    ByteVector.fromArray(SampleVectors.SIXTEEN, b, q + bStride).reinterpretAsShorts();
            ShortVector e1 = a1.and((short) 0xFF).sub(b1.and((short) 0xFF));
            ShortVector o1 = a1.lanewise(VectorOperators.LSHR, 8).sub(b1.lanewise(VectorOperators.LSHR, 8));
            ShortVector a2 = ByteVector.fromArray(SampleVectors.SIXTEEN, a, p + 2 * aStride)
                    .reinterpretAsShorts();
            ShortVector b2 = ByteVector.fromArray(SampleVectors.SIXTEEN, b, q + 2 * bStride)
                    .reinterpretAsShorts();
            ShortVector e2 = a2.and((short) 0xFF).sub(b2.and((short) 0xFF));
            ShortVector o2 = a2.lanewise(VectorOperators.LSHR, 8).sub(b2.lanewise(VectorOperators.LSHR, 8));
            ShortVector a3 = ByteVector.fromArray(SampleVectors.SIXTEEN, a, p + 3 * aStride)
                    .reinterpretAsShorts();
            ShortVector b3 = ByteVector.fromArray(SampleVectors.SIXTEEN, b, q + 3 * bStride)
                    .reinterpretAsShorts();
            ShortVector e3 = a3.and((short) 0xFF).sub(b3.and((short) 0xFF));
            ShortVector o3 = a3.lanewise(VectorOperators.LSHR, 8).sub(b3.lanewise(VectorOperators.LSHR, 8));
            ShortVector s0 = e0.add(o0), s1 = e1.add(o1), s2 = e2.add(o2), s3 = e3.add(o3);
            ShortVector d0 = e0.sub(o0), d1 = e1.sub(o1), d2 = e2.sub(o2), d3 = e3.sub(o3);
            ShortVector s01 = s0.add(s1), t01 = s0.sub(s1), s23 = s2.add(s3), t23 = s2.sub(s3);
            ShortVector d01 = d0.add(d1), f01 = d0.sub(d1), d23 = d2.add(d3), f23 = d2.sub(d3);
            {
                IntVector u = s01.add(s23).abs().reinterpretAsInts(),
                        v = s01.sub(s23).abs().reinterpretAsInts();
                sum = sum.add(u.and(0xFFFF)
                        .or(v.lanewise(VectorOperators.LSHL, 16))
                        .reinterpretAsShorts()
                        .max(u.lanewise(VectorOperators.LSHR, 16)
                                .or(v.and(0xFFFF << 16))
                                .reinterpretAsShorts()));
            }
            {
                IntVector u = t01.add(t23).abs().reinterpretAsInts(),
                        v = t01.sub(t23).abs().reinterpretAsInts();
                sum = sum.add(u.and(0xFFFF)
                        .or(v.lanewise(VectorOperators.LSHL, 16))
                        .reinterpretAsShorts()
                        .max(u.lanewise(VectorOperators.LSHR, 16)
                                .or(v.and(0xFFFF << 16))
                                .reinterpretAsShorts()));
            }
            {
                IntVector u = d01.add(d23).abs().reinterpretAsInts(),
                        v = d01.sub(d23).abs().reinterpretAsInts();
                sum = sum.add(u.and(0xFFFF)
                        .or(v.lanewise(VectorOperators.LSHL, 16))
                        .reinterpretAsShorts()
                        .max(u.lanewise(VectorOperators.LSHR, 16)
                                .or(v.and(0xFFFF << 16))
                                .reinterpretAsShorts()));
            }
            {
                IntVector u = f01.add(f23).abs().reinterpretAsInts(),
                        v = f01.sub(f23).abs().reinterpretAsInts();
                sum = sum.add(u.and(0xFFFF)
                        .or(v.lanewise(VectorOperators.LSHL, 16))
                        .reinterpretAsShorts()
                        .max(u.lanewise(VectorOperators.LSHR, 16)
                                .or(v.and(0xFFFF << 16))
                                .reinterpretAsShorts()));
            }
        }
        return sum.reinterpretAsLongs().reduceLanes(VectorOperators.ADD);
    }
}
