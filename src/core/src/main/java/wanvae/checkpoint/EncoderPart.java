package wanvae.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * The encoder of a checkpoint, or why there is none. Opening never fails because of it, since most checkpoints are
 * opened to decode.
 */
sealed interface EncoderPart {
    /**
     * A complete encoder of the configuration's shapes.
     *
     * @param tensors by diffusers name, in the computation's order
     */
    record Sound(Map<String, TensorInfo> tensors) implements EncoderPart {
        @Override
        public Map<String, TensorInfo> require() {
            return tensors;
        }
    }

    /**
     * No encoder that can be used.
     *
     * @param some   whether the file holds tensors of one
     * @param reason what is wrong, naming the file
     */
    record Unusable(boolean some, String reason) implements EncoderPart {
        @Override
        public Map<String, TensorInfo> require() throws FormatException {
            throw new FormatException(reason);
        }
    }

    /**
     * The tensors.
     *
     * @throws FormatException if there is no encoder that can be used, in one sentence
     */
    Map<String, TensorInfo> require() throws FormatException;

    /** Whether the file holds tensors of an encoder. */
    default boolean isThere() {
        return !(this instanceof Unusable(boolean some, String reason)) || some;
    }

    /** Finds the tensors of an encoder. */
    @FunctionalInterface
    interface Search {
        Map<String, TensorInfo> find() throws FormatException;
    }

    /**
     * Compares what a file holds of an encoder with its configuration.
     *
     * @param configured where the configuration comes from, for messages
     * @param search     finds the tensors by diffusers name
     */
    static EncoderPart of(VaeConfig config, String configured, Path path, Search search) {
        VaeFamily<VaeConfig> family = VaeFamily.of(config);
        if (!config.encodes()) return new Unusable(false, missing(config, path).getMessage());
        try {
            Map<String, TensorInfo> found = search.find();
            if (found.isEmpty())
                return new Unusable(false, missing(config, path).getMessage());
            family.checkEncoder(config, path.toString());
            return new Sound(TensorMatch.match(config, Half.ENCODER, configured, found, path.toString()));
        } catch (FormatException e) {
            return new Unusable(true, e.getMessage());
        }
    }

    /** The refusal of a checkpoint without an encoder. */
    static FormatException missing(VaeConfig config, Path path) {
        return new FormatException(
                config.encodes()
                        ? path + ": has no encoder, only the decoder of " + config.family()
                        : path + ": of " + config.family() + " only the decoder is supported, not the encoder");
    }
}
