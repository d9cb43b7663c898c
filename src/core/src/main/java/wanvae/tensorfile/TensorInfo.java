package wanvae.tensorfile;

import java.util.Arrays;

/**
 * The description of a stored tensor. Equality compares shapes by their sizes.
 *
 * @param name  in the file, or diffusers' name in a checkpoint
 * @param dtype the type that the values are stored in
 * @param shape outermost dimension first, C order; not to be changed
 */
public record TensorInfo(String name, DType dtype, long[] shape) {
    /** Copies the shape. */
    public TensorInfo {
        shape = shape.clone();
    }

    /**
     * Number of elements.
     *
     * @throws ArithmeticException if the product of the shape overflows a long
     */
    public long elements() {
        long n = 1;
        for (long d : shape) n = Math.multiplyExact(n, d);
        return n;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TensorInfo t && name.equals(t.name) && dtype == t.dtype && Arrays.equals(shape, t.shape);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape);
    }
}
