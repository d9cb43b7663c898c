package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.TensorInfo;

/**
 * A VAE's decoder weights on disk: configuration and tensors under their diffusers names, whatever the file calls them.
 * Only what decoding needs is listed ({@code decoder.*}, {@code post_quant_conv.*}); encoder tensors are never read.
 * Reading is safe from several threads.
 */
public interface Checkpoint extends AutoCloseable {
    /**
     * Opens a VAE's weights: a diffusers {@code vae/} folder, a pipeline folder that contains one, a {@code
     * .safetensors} (beside its {@code config.json}, or without: then the configuration is derived from names and
     * shapes), a {@code .pth} or a {@code .wanvae} file. Reads descriptions only, no values.
     *
     * @throws wanvae.tensorfile.FormatException if these are not the weights of a decoder we know, in one sentence
     * @throws IOException if they cannot be read
     */
    static Checkpoint open(Path path) throws IOException {
        return CheckpointFiles.open(path);
    }

    /** The file or folder this was opened from, for messages. */
    Path path();

    VaeConfig config();

    /**
     * The decoder's tensors by diffusers name, in a fixed order. Shapes agree with the configuration: checked at
     * opening.
     */
    Map<String, TensorInfo> tensors();

    /**
     * Reads a tensor, widened to float32 in C order, into {@code target}.
     *
     * @param target exactly {@code 4 * elements} bytes, owned by the caller
     * @throws IllegalArgumentException if there is no such tensor or {@code target} has another size
     * @throws IOException if the file cannot be read, or its checksum (.wanvae) does not match
     */
    void read(String name, MemorySegment target) throws IOException;

    /**
     * A tensor where it lies in the file, mapped, so that it takes no memory of its own; checked as {@link #read}
     * checks it. The map outlives this checkpoint. Who reads the tensor after the file was cut gets an {@link
     * InternalError}: if he reads it value by value, since vector code would not survive that.
     *
     * @param arena owner of the map
     * @return float32 in C order and native byte order, read-only; null where the file does not hold the tensor so
     * @throws IOException as of {@link #read}
     */
    default MemorySegment map(String name, Arena arena) throws IOException {
        return null;
    }

    @Override
    void close() throws IOException;
}
