package wanvae.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x by range reduction, {@code e^x = 2^n · 2^t} with {@code |t| ≤ 1/2}, and the polynomial of Cephes' exp2f; within 3
 * units in the last place. It stands in for {@code lanewise(EXP)}, whose bits differ before and after compilation.
 * Arguments are clamped to [-87, 87].
 */
final class Exp {
    static final float LOG2E = (float) (1 / Math.log(2)), LOG2E_LOW = (float) (1 / Math.log(2) - LOG2E);
    /** Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits of the significand. */
    static final float ROUND = 12582912f;
    /**
     * The bits of the largest argument, and the sign bit. Arguments are clamped as integers: max and min of floats take
     * six instructions each, because of NaN.
     */
    static final int MOST = Float.floatToRawIntBits(87f), SIGN = 0x80000000;
    /** {@code 2^t = 1 + P1·t + … + P6·t^6}. */
    static final float P1 = 6.931472028550421e-1f,
            P2 = 2.402264791363012e-1f,
            P3 = 5.550332471162809e-2f,
            P4 = 9.618437357674640e-3f,
            P5 = 1.339887440266574e-3f,
            P6 = 1.535336188319500e-4f;

    private Exp() {}

    static FloatVector of(FloatVector x) {
        var bits = x.reinterpretAsInts();
        x = bits.and(~SIGN).min(MOST).or(bits.and(SIGN)).reinterpretAsFloats();
        FloatVector shifted = x.fma(constant(LOG2E), constant(ROUND));
        FloatVector t = x.fma(
                constant(LOG2E_LOW), x.fma(constant(LOG2E), constant(ROUND).sub(shifted)));
        FloatVector p = t.fma(constant(P6), constant(P5))
                .fma(t, constant(P4))
                .fma(t, constant(P3))
                .fma(t, constant(P2))
                .fma(t, constant(P1))
                .fma(t, constant(1));
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(Simd.SPECIES, value);
    }
}
