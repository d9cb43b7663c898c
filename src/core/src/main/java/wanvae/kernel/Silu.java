package wanvae.kernel;

import jdk.incubator.vector.FloatVector;

/** SiLU, {@code x · sigmoid(x) = x / (1 + e^-x)}. */
public final class Silu {
    private Silu() {}

    static FloatVector of(FloatVector x) {
        return x.div(Exp.of(x.neg()).add(1f));
    }
}
