package wanvae.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** SiLU, {@code x · sigmoid(x) = x / (1 + e^-x)}. */
public final class Silu {
    private Silu() {}

    static FloatVector of(FloatVector x) {
        return x.div(x.neg().lanewise(VectorOperators.EXP).add(1f));
    }
}
