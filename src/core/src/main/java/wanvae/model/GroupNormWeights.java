package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Weight and bias of a group norm, padded with zeros. */
public record GroupNormWeights(MemorySegment weight, MemorySegment bias, int groups) {
    /** Of every group norm of the model. */
    public static final float EPSILON = 1e-6f;

    public GroupNormWeights(Weights weights, String name, int groups) throws IOException {
        this(weights.vector(name + ".weight"), weights.vector(name + ".bias"), groups);
    }
}
