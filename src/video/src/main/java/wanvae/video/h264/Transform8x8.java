package wanvae.video.h264;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * The 8x8 transform of H.264 (8.5.13) and its forward counterpart, a row of eight lanes at a time. Coefficients are in
 * columns: the one of frequency u across and v down is at {@code 8 u + v}. Lanes have 16 bits, as conforming streams
 * need no more. Not safe for use by several threads at once.
 */
final class Transform8x8 {
    private static final VectorShuffle<Integer> SWAP = VectorShuffle.fromValues(SampleVectors.INTS, 2, 3, 0, 1);
    private static final VectorMask<Integer> SECOND =
            VectorMask.fromValues(SampleVectors.INTS, false, false, true, true);

    private final short[] work = new short[64];

    /** Transforms the difference between 8x8 samples of {@code a} and of {@code b}. */
    void forward(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, short[] out) {
        difference(a, aAt, aStride, b, bAt, bStride, work);
        forwardColumns(work, work);
        transpose(work);
        forwardColumns(work, out);
    }

    /** Adds what coefficients become to the prediction; they are lost. */
    void inverse(short[] coefficients, byte[] pred, int pAt, int pStride, byte[] out, int at, int stride) {
        inverseColumns(coefficients, coefficients);
        transpose(coefficients);
        inverseColumns(coefficients, coefficients);
        add(coefficients, pred, pAt, pStride, out, at, stride);
    }

    private static void difference(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, short[] out) {
        for (int y = 0; y < 8; y++)
            SampleVectors.difference(a, aAt + y * aStride, b, bAt + y * bStride).intoArray(out, 8 * y);
    }

    private static void add(short[] residual, byte[] pred, int pAt, int pStride, byte[] out, int at, int stride) {
        for (int y = 0; y < 8; y++) {
            ShortVector r = load(residual, y).add((short) 32).lanewise(VectorOperators.ASHR, 6);
            ShortVector sum = r.add(SampleVectors.load(pred, pAt + y * pStride));
            SampleVectors.store(sum.max((short) 0).min((short) 255), out, at + y * stride);
        }
    }

    private static ShortVector load(short[] rows, int y) {
        return ShortVector.fromArray(SampleVectors.SHORTS, rows, 8 * y);
    }

    private static void forwardColumns(short[] in, short[] out) {
        ShortVector r0 = load(in, 0), r1 = load(in, 1), r2 = load(in, 2), r3 = load(in, 3);
        ShortVector r4 = load(in, 4), r5 = load(in, 5), r6 = load(in, 6), r7 = load(in, 7);
        ShortVector s07 = r0.add(r7), s16 = r1.add(r6), s25 = r2.add(r5), s34 = r3.add(r4);
        ShortVector d07 = r0.sub(r7), d16 = r1.sub(r6), d25 = r2.sub(r5), d34 = r3.sub(r4);
        ShortVector a0 = s07.add(s34), a1 = s16.add(s25), a2 = s07.sub(s34), a3 = s16.sub(s25);
        ShortVector a4 = d16.add(d25).add(d07).add(d07.lanewise(VectorOperators.ASHR, 1)),
                a5 = d07.sub(d34).sub(d25).sub(d25.lanewise(VectorOperators.ASHR, 1));
        ShortVector a6 = d07.add(d34).sub(d16).sub(d16.lanewise(VectorOperators.ASHR, 1)),
                a7 = d16.sub(d25).add(d34).add(d34.lanewise(VectorOperators.ASHR, 1));
        a0.add(a1).intoArray(out, 0);
        a4.add(a7.lanewise(VectorOperators.ASHR, 2)).intoArray(out, 8);
        a2.add(a3.lanewise(VectorOperators.ASHR, 1)).intoArray(out, 16);
        a5.add(a6.lanewise(VectorOperators.ASHR, 2)).intoArray(out, 24);
        a0.sub(a1).intoArray(out, 32);
        a6.sub(a5.lanewise(VectorOperators.ASHR, 2)).intoArray(out, 40);
        a2.lanewise(VectorOperators.ASHR, 1).sub(a3).intoArray(out, 48);
        a4.lanewise(VectorOperators.ASHR, 2).sub(a7).intoArray(out, 56);
    }

    private static void inverseColumns(short[] in, short[] out) {
        ShortVector s0 = load(in, 0), s1 = load(in, 1), s2 = load(in, 2), s3 = load(in, 3);
        ShortVector s4 = load(in, 4), s5 = load(in, 5), s6 = load(in, 6), s7 = load(in, 7);
        ShortVector a0 = s0.add(s4),
                a2 = s0.sub(s4),
                a4 = s2.lanewise(VectorOperators.ASHR, 1).sub(s6),
                a6 = s2.add(s6.lanewise(VectorOperators.ASHR, 1));
        ShortVector b0 = a0.add(a6), b2 = a2.add(a4), b4 = a2.sub(a4), b6 = a0.sub(a6);
        ShortVector a1 = s5.sub(s3).sub(s7).sub(s7.lanewise(VectorOperators.ASHR, 1)),
                a3 = s1.add(s7).sub(s3).sub(s3.lanewise(VectorOperators.ASHR, 1));
        ShortVector a5 = s7.sub(s1).add(s5).add(s5.lanewise(VectorOperators.ASHR, 1)),
                a7 = s3.add(s5).add(s1).add(s1.lanewise(VectorOperators.ASHR, 1));
        ShortVector b1 = a1.add(a7.lanewise(VectorOperators.ASHR, 2)),
                b3 = a3.add(a5.lanewise(VectorOperators.ASHR, 2));
        ShortVector b5 = a3.lanewise(VectorOperators.ASHR, 2).sub(a5),
                b7 = a7.sub(a1.lanewise(VectorOperators.ASHR, 2));
        b0.add(b7).intoArray(out, 0);
        b2.add(b5).intoArray(out, 8);
        b4.add(b3).intoArray(out, 16);
        b6.add(b1).intoArray(out, 24);
        b6.sub(b1).intoArray(out, 32);
        b4.sub(b3).intoArray(out, 40);
        b2.sub(b5).intoArray(out, 48);
        b0.sub(b7).intoArray(out, 56);
    }

    /** Swaps single values of rows in pairs, then pairs of values, then halves of rows. */
    private static void transpose(short[] rows) {
        for (int y = 0; y < 8; y += 4) transposeFours(rows, 8 * y);
        for (int x = 0; x < 4; x++) swapHalves(rows, 8 * x);
    }

    /** Transposes both 4x4 halves of four rows. */
    static void transposeFours(short[] rows, int at) {
        IntVector a = ints(rows, at), b = ints(rows, at + 8), c = ints(rows, at + 16), d = ints(rows, at + 24);
        LongVector ab = a.and(0xFFFF).or(b.lanewise(VectorOperators.LSHL, 16)).reinterpretAsLongs();
        LongVector cd = c.and(0xFFFF).or(d.lanewise(VectorOperators.LSHL, 16)).reinterpretAsLongs();
        LongVector abOdd =
                a.lanewise(VectorOperators.LSHR, 16).or(b.and(0xFFFF << 16)).reinterpretAsLongs();
        LongVector cdOdd =
                c.lanewise(VectorOperators.LSHR, 16).or(d.and(0xFFFF << 16)).reinterpretAsLongs();
        ab.and(0xFFFFFFFFL)
                .or(cd.lanewise(VectorOperators.LSHL, 32))
                .reinterpretAsShorts()
                .intoArray(rows, at);
        abOdd.and(0xFFFFFFFFL)
                .or(cdOdd.lanewise(VectorOperators.LSHL, 32))
                .reinterpretAsShorts()
                .intoArray(rows, at + 8);
        ab.lanewise(VectorOperators.LSHR, 32)
                .or(cd.and(0xFFFFFFFFL << 32))
                .reinterpretAsShorts()
                .intoArray(rows, at + 16);
        abOdd.lanewise(VectorOperators.LSHR, 32)
                .or(cdOdd.and(0xFFFFFFFFL << 32))
                .reinterpretAsShorts()
                .intoArray(rows, at + 24);
    }

    private static IntVector ints(short[] rows, int at) {
        return ShortVector.fromArray(SampleVectors.SHORTS, rows, at).reinterpretAsInts();
    }

    /** Swaps the second half of a row with the first of the one four below. */
    private static void swapHalves(short[] rows, int at) {
        IntVector above = ints(rows, at), below = ints(rows, at + 32);
        above.blend(below.rearrange(SWAP), SECOND).reinterpretAsShorts().intoArray(rows, at);
        above.rearrange(SWAP).blend(below, SECOND).reinterpretAsShorts().intoArray(rows, at + 32);
    }
}
