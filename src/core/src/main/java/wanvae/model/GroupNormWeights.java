package wanvae.model;

import java.lang.foreign.MemorySegment;

/** Weight and bias of a group norm, padded(C) floats each, zeros beyond C. */
public record GroupNormWeights(MemorySegment weight, MemorySegment bias) {
    /** The same in every group norm of the model. */
    public static final float EPSILON = 1e-6f;

    public GroupNormWeights(Weights weights, String name) {
        this(weights.vector(name + ".weight"), weights.vector(name + ".bias"));
    }
}
