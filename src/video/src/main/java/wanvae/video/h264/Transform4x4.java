package wanvae.video.h264;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The 4x4 transform of H.264 (8.5.12) and its forward counterpart, of two blocks side by side, a row of eight lanes at a
 * time. Coefficients are in columns: the one of frequency u across and v down is at {@code 8 u + v}, that of the right
 * block 4 further on. Lanes have 16 bits, as conforming streams need no more. Not safe for use by several threads at
 * once.
 */
final class Transform4x4 {
    /** Coefficients of two blocks. */
    static final int PAIR = 32;

    private final short[] work = new short[PAIR];

    /** Transforms the difference between 8x4 samples of {@code a} and of {@code b}. */
    void forward(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, short[] out, int at) {
        difference(a, aAt, aStride, b, bAt, bStride, work);
        forwardColumns(work, 0, work, 0);
        Transform8x8.transposeFours(work, 0);
        forwardColumns(work, 0, out, at);
    }

    /** Adds what coefficients become to the prediction; they are lost. */
    void inverse(short[] coefficients, int from, byte[] pred, int pAt, int pStride, byte[] out, int at, int stride) {
        inverseColumns(coefficients, from);
        Transform8x8.transposeFours(coefficients, from);
        inverseColumns(coefficients, from);
        add(coefficients, from, pred, pAt, pStride, out, at, stride);
    }

    private static void difference(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, short[] out) {
        for (int y = 0; y < 4; y++)
            SampleVectors.difference(a, aAt + y * aStride, b, bAt + y * bStride).intoArray(out, 8 * y);
    }

    private static void forwardColumns(short[] in, int from, short[] out, int at) {
        ShortVector r0 = ShortVector.fromArray(SampleVectors.SHORTS, in, from);
        ShortVector r1 = ShortVector.fromArray(SampleVectors.SHORTS, in, from + 8);
        ShortVector r2 = ShortVector.fromArray(SampleVectors.SHORTS, in, from + 16);
        ShortVector r3 = ShortVector.fromArray(SampleVectors.SHORTS, in, from + 24);
        ShortVector s03 = r0.add(r3), d03 = r0.sub(r3), s12 = r1.add(r2), d12 = r1.sub(r2);
        s03.add(s12).intoArray(out, at);
        d03.add(d03).add(d12).intoArray(out, at + 8);
        s03.sub(s12).intoArray(out, at + 16);
        d03.sub(d12).sub(d12).intoArray(out, at + 24);
    }

    private static void inverseColumns(short[] rows, int at) {
        ShortVector s0 = ShortVector.fromArray(SampleVectors.SHORTS, rows, at);
        ShortVector s1 = ShortVector.fromArray(SampleVectors.SHORTS, rows, at + 8);
        ShortVector s2 = ShortVector.fromArray(SampleVectors.SHORTS, rows, at + 16);
        ShortVector s3 = ShortVector.fromArray(SampleVectors.SHORTS, rows, at + 24);
        ShortVector e = s0.add(s2), f = s0.sub(s2);
        ShortVector g = s1.lanewise(VectorOperators.ASHR, 1).sub(s3), h = s1.add(s3.lanewise(VectorOperators.ASHR, 1));
        e.add(h).intoArray(rows, at);
        f.add(g).intoArray(rows, at + 8);
        f.sub(g).intoArray(rows, at + 16);
        e.sub(h).intoArray(rows, at + 24);
    }

    private static void add(
            short[] residual, int from, byte[] pred, int pAt, int pStride, byte[] out, int at, int stride) {
        for (int y = 0; y < 4; y++) {
            ShortVector sum = ShortVector.fromArray(SampleVectors.SHORTS, residual, from + 8 * y)
                    .add((short) 32)
                    .lanewise(VectorOperators.ASHR, 6)
                    .add(ByteVector.fromArray(SampleVectors.BYTES, pred, pAt + y * pStride)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0));
            ByteVector samples = (ByteVector)
                    sum.max((short) 0).min((short) 255).convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
            samples.intoArray(out, at + y * stride);
        }
    }
}
