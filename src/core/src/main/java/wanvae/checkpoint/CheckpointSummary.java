package wanvae.checkpoint;

import java.util.EnumMap;
import java.util.Map;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorInfo;

/**
 * What a checkpoint is, in numbers, for {@code wanvae info}.
 *
 * @param family     "Wan 2.1", "Wan 2.2", "Qwen-Image", "HunyuanVideo"
 * @param config     the configuration, read or derived
 * @param parameters parameters of the decoder by the type they are stored in, types in their order of declaration
 * @param tensors    number of the decoder's tensors
 */
public record CheckpointSummary(String family, VaeConfig config, Map<DType, Long> parameters, int tensors) {
    public static CheckpointSummary of(Checkpoint checkpoint) {
        var parameters = new EnumMap<DType, Long>(DType.class);
        for (TensorInfo info : checkpoint.tensors().values())
            parameters.merge(info.dtype(), info.elements(), Long::sum);
        return new CheckpointSummary(
                checkpoint.config().family(),
                checkpoint.config(),
                parameters,
                checkpoint.tensors().size());
    }

    /** Parameters of the decoder, {@code post_quant_conv} included. */
    public long totalParameters() {
        return parameters.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Bytes the decoder takes in the file. */
    public long storedBytes() {
        return parameters.entrySet().stream()
                .mapToLong(entry -> entry.getKey().bytes(entry.getValue()))
                .sum();
    }
}
