package wanvae.checkpoint.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * The tensors of a checkpoint that comes without a configuration: what a configuration is derived from.
 *
 * @param where   the file, for messages
 * @param tensors by diffusers name
 */
public record FoundTensors(String where, Map<String, TensorInfo> tensors) {
    /** Whether there is such a tensor. */
    public boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }

    /**
     * How many of the tensors {@code pattern.formatted(0)}, {@code pattern.formatted(1)}, … there are without a gap.
     */
    public int count(String pattern) {
        int n = 0;
        while (has(pattern.formatted(n))) n++;
        return n;
    }

    /** First dimensions of {@code pattern.formatted(0)}, {@code pattern.formatted(1)}, …; there must be one. */
    public List<Integer> widths(String pattern) throws FormatException {
        var widths = new ArrayList<Integer>();
        while (widths.isEmpty() || has(pattern.formatted(widths.size())))
            widths.add(size(pattern.formatted(widths.size()), 0));
        return widths;
    }

    /**
     * A dimension of a tensor.
     *
     * @throws FormatException if there is no such tensor, or no such dimension, or it is not 1 to {@link
     *         ConfigCheck#WIDEST}
     */
    public int size(String tensor, int dimension) throws FormatException {
        TensorInfo info = tensors.get(tensor);
        if (info == null) throw new FormatException(where + ": tensor " + tensor + " is missing");
        if (!isSane(info, dimension))
            throw new FormatException(where + ": tensor " + info + " has a shape that is none of a decoder's");
        return (int) info.shape()[dimension];
    }

    /** A dimension of a tensor, or {@code otherwise} where {@link #size} would throw. */
    public int sizeOr(String tensor, int dimension, int otherwise) {
        TensorInfo info = tensors.get(tensor);
        return info != null && isSane(info, dimension) ? (int) info.shape()[dimension] : otherwise;
    }

    private static boolean isSane(TensorInfo info, int dimension) {
        long[] shape = info.shape();
        return dimension < shape.length && shape[dimension] >= 1 && shape[dimension] <= ConfigCheck.WIDEST;
    }
}
