package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

/**
 * A VAE's weights on disk: configuration and tensors under their diffusers names, whatever the file calls them. The
 * decoder is always there and sound. The encoder may be missing or damaged, which matters to nobody who only decodes:
 * it is reported when the encoder is asked for. Reading is safe from several threads.
 */
public interface Checkpoint extends TensorStore, AutoCloseable {
    /**
     * Opens a VAE's weights: a diffusers {@code vae/} folder, a pipeline folder that contains one, a {@code
     * .safetensors} (beside its {@code config.json}, or without: then the configuration is derived from names and
     * shapes), a {@code .pth} or a {@code .wanvae} file. Reads descriptions only, no values.
     *
     * @throws FormatException if these are not the weights of a known decoder, in one sentence
     * @throws IOException if they cannot be read
     */
    static Checkpoint open(Path path) throws IOException {
        return CheckpointFiles.open(path, Optional.empty());
    }

    /**
     * As {@link #open(Path)}, for weights that are known to be this VAE's: where several have tensors of the same names
     * and shapes, this one is taken.
     *
     * @throws FormatException also if they are not
     */
    static Checkpoint open(Path path, PublishedVae as) throws IOException {
        return CheckpointFiles.open(path, Optional.of(as));
    }

    /** The configuration: read, or derived from names and shapes. */
    VaeConfig config();

    /** What was assumed where names and shapes of tensors leave a choice; empty where they do not. */
    default Optional<Assumption> assumption() {
        return Optional.empty();
    }

    /**
     * Checks that this is the checkpoint of a VAE.
     *
     * @throws FormatException if it is another VAE's, in one sentence
     */
    default void requireOf(PublishedVae vae) throws FormatException {
        if (!vae.config().family().equals(config().family()))
            throw new FormatException(path() + ": the VAE of " + config().family() + ", not of " + vae.id());
    }

    /**
     * The decoder's tensors by diffusers name, in the order of the computation. Shapes agree with the configuration:
     * checked at opening.
     */
    @Override
    Map<String, TensorInfo> tensors();

    /**
     * The halves that this checkpoint has tensors of: the decoder, and the encoder where it has any of a family whose
     * encoder is known. {@link #tensors(Half)} checks whether they are complete.
     */
    default Set<Half> halves() {
        return EnumSet.of(Half.DECODER);
    }

    /**
     * The tensors of a half by diffusers name, in the order of the computation. {@link #read} and {@link #map} take
     * their names.
     *
     * @throws FormatException if there is no such half, or it is not complete and of the configuration's shapes: never
     *         for the decoder
     */
    default Map<String, TensorInfo> tensors(Half half) throws FormatException {
        if (half == Half.DECODER) return tensors();
        throw EncoderPart.missing(config(), path());
    }

    /**
     * One half alone, for the same reads; valid as long as this checkpoint is open.
     *
     * @throws FormatException as in {@link #tensors(Half)}
     */
    default TensorStore half(Half half) throws FormatException {
        Map<String, TensorInfo> tensors = tensors(half);
        return new TensorStore() {
            @Override
            public Path path() {
                return Checkpoint.this.path();
            }

            @Override
            public Map<String, TensorInfo> tensors() {
                return tensors;
            }

            @Override
            public void read(String name, MemorySegment target) throws IOException {
                Checkpoint.this.read(name, target);
            }

            @Override
            public Optional<MemorySegment> map(String name, Arena arena) throws IOException {
                return Checkpoint.this.map(name, arena);
            }
        };
    }

    /** Closes the files; maps that were handed out stay. */
    @Override
    void close() throws IOException;
}
