package wanvae.checkpoint;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/** Compares the tensors of a checkpoint with those that its configuration asks for. */
final class TensorMatch {
    private TensorMatch() {}

    /**
     * Checks that the tensors found are exactly those of a half.
     *
     * @param configured where the configuration comes from, for messages
     * @param found      tensors by diffusers name
     * @param where      the file they are in, for messages
     * @return the tensors in the order of the computation, unmodifiable
     * @throws FormatException naming tensor, shape and the configuration's values where one is missing, has another
     *         shape, or has no place
     */
    static Map<String, TensorInfo> match(
            VaeConfig config, Half half, String configured, Map<String, TensorInfo> found, String where)
            throws FormatException {
        VaeFamily<VaeConfig> family = VaeFamily.of(config);
        Map<String, long[]> shapes = family.tensors(config, half);
        String by = configured + " (" + family.describe(config, half) + ")";
        var tensors = new LinkedHashMap<String, TensorInfo>();
        for (var expected : shapes.entrySet()) {
            TensorInfo info = found.get(expected.getKey());
            if (info == null || !Arrays.equals(longer(info.shape()), longer(expected.getValue()))) {
                throw new FormatException(where + ": tensor " + expected.getKey()
                        + (info == null ? " is missing" : " has shape " + Arrays.toString(info.shape()))
                        + ", expected shape " + Arrays.toString(expected.getValue()) + " by " + by);
            }
            tensors.put(info.name(), new TensorInfo(info.name(), info.dtype(), expected.getValue()));
        }
        for (String name : found.keySet()) {
            if (!shapes.containsKey(name)) {
                throw new FormatException(where + ": tensor " + FormatException.quote(name) + " has no place in the "
                        + half.name().toLowerCase(Locale.ROOT) + " described by " + by);
            }
        }
        return Collections.unmodifiableMap(tensors);
    }

    /** The sizes of a shape that are more than 1: some files leave the others out, or have some more. */
    private static long[] longer(long[] shape) {
        return Arrays.stream(shape).filter(size -> size != 1).toArray();
    }
}
