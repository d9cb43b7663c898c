package wanvae.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x by range reduction, {@code e^x = 2^n · e^r} with {@code |r| ≤ ln2/2}, and the polynomial of Cephes' expf; within 2 units in the last place.
 * Our own because {@code lanewise(EXP)} gives other bits before and after compilation. Arguments are clamped to [-87, 88].
 */
final class Exp {
    private static final float LOG2E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits of the significand. */
    private static final float ROUND = 12582912f;

    private Exp() {}

    static FloatVector of(FloatVector x) {
        x = x.max(-87f).min(88f);
        FloatVector shifted = x.fma(FloatVector.broadcast(Simd.SPECIES, LOG2E), FloatVector.broadcast(Simd.SPECIES, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(Simd.SPECIES, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(Simd.SPECIES, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(Simd.SPECIES, 1.9875691500e-4f), FloatVector.broadcast(Simd.SPECIES, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(Simd.SPECIES, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(Simd.SPECIES, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(Simd.SPECIES, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(Simd.SPECIES, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1f);
        return p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    }
}
