package wanvae.checkpoint;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorInfo;

/**
 * The size of a decoder or an encoder.
 *
 * @param parameters number of parameters by the type they are stored in, types in their order of declaration
 * @param tensors    number of tensors
 */
public record HalfSummary(Map<DType, Long> parameters, int tensors) {
    /** Counts tensors. */
    static HalfSummary of(Collection<TensorInfo> tensors) {
        var parameters = new EnumMap<DType, Long>(DType.class);
        for (TensorInfo info : tensors) parameters.merge(info.dtype(), info.elements(), Long::sum);
        return new HalfSummary(Collections.unmodifiableMap(parameters), tensors.size());
    }

    /** Number of parameters, {@code post_quant_conv} or {@code quant_conv} included. */
    public long totalParameters() {
        return parameters.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Size in the file, bytes. */
    public long storedBytes() {
        return parameters.entrySet().stream()
                .mapToLong(entry -> entry.getKey().bytes(entry.getValue()))
                .sum();
    }
}
