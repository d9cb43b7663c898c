package wanvae.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

/**
 * A VAE's decoder weights on disk: configuration and tensors under their diffusers names, whatever the file calls them.
 * Only what decoding needs is listed ({@code decoder.*}, {@code post_quant_conv.*}); encoder tensors are never read.
 * Reading is safe from several threads.
 */
public interface Checkpoint extends TensorStore, AutoCloseable {
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

    /** The configuration: read, or derived from names and shapes. */
    VaeConfig config();

    /**
     * The decoder's tensors by diffusers name, in a fixed order. Shapes agree with the configuration: checked at
     * opening.
     */
    @Override
    Map<String, TensorInfo> tensors();

    /** Closes the files; maps that were handed out stay. */
    @Override
    void close() throws IOException;
}
