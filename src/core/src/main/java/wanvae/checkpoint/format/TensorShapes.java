package wanvae.checkpoint.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects names and shapes of a model's tensors, in the order of the computation. */
public final class TensorShapes {
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    /** A convolution or linear layer with a bias: {@code name.weight} of this shape and {@code name.bias}. */
    public void conv(String name, long... weight) {
        put(name + ".weight", weight);
        put(name + ".bias", weight[0]);
    }

    /** A tensor. */
    public void put(String name, long... shape) {
        shapes.put(name, shape);
    }

    /** What was collected: name to shape, unmodifiable. */
    public Map<String, long[]> all() {
        return Collections.unmodifiableMap(shapes);
    }
}
