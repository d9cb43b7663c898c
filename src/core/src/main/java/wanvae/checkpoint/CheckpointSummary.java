package wanvae.checkpoint;

import java.util.Optional;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.FormatException;

/**
 * What a checkpoint is, in numbers, for {@code wanvae info}.
 *
 * @param family         "Wan 2.1", "Wan 2.2", "Qwen-Image", "HunyuanVideo", "taew2_1"
 * @param assumption     what was assumed where names and shapes of tensors leave a choice
 * @param config         the configuration, read or derived
 * @param decoder        the decoder
 * @param encoder        the encoder; empty if the checkpoint has none that can be used
 * @param encoderProblem what is wrong with the encoder's tensors, in a sentence; empty if they are sound or there are
 *                       none
 */
public record CheckpointSummary(
        String family,
        Optional<Assumption> assumption,
        VaeConfig config,
        HalfSummary decoder,
        Optional<HalfSummary> encoder,
        Optional<String> encoderProblem) {
    /** Sums up an open checkpoint. */
    public static CheckpointSummary of(Checkpoint checkpoint) {
        Optional<HalfSummary> encoder = Optional.empty();
        Optional<String> problem = Optional.empty();
        if (checkpoint.halves().contains(Half.ENCODER)) {
            try {
                encoder = Optional.of(
                        HalfSummary.of(checkpoint.tensors(Half.ENCODER).values()));
            } catch (FormatException e) {
                problem = Optional.of(e.getMessage());
            }
        }
        VaeConfig config = checkpoint.config();
        HalfSummary decoder = HalfSummary.of(checkpoint.tensors().values());
        return new CheckpointSummary(config.family(), checkpoint.assumption(), config, decoder, encoder, problem);
    }
}
