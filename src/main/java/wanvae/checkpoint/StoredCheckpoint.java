package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

/** A checkpoint in tensor files: one, or the shards of one. */
final class StoredCheckpoint implements Checkpoint {
    private record Stored(TensorFile file, String tensor) {}

    private final Path path;
    private final List<TensorFile> files;
    private final Map<String, Stored> stored = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final VaeConfig config;

    /**
     * Takes over the files, but does not close them when it throws.
     *
     * @param configFile the configuration, or null to derive it
     */
    StoredCheckpoint(Path path, List<TensorFile> files, Path configFile) throws IOException {
        this.path = path;
        this.files = files;
        Map<String, TensorInfo> found = decoderTensors();
        config = configFile != null ? VaeConfigJson.read(configFile) : DerivedConfig.of(path.toString(), found);
        String configured = configFile != null ? configFile.toString() : "the other tensors";
        for (var expected : DecoderTensors.of(config).entrySet()) {
            tensors.put(expected.getKey(), check(found.remove(expected.getKey()), expected.getKey(), expected.getValue(), configured));
        }
        if (!found.isEmpty()) {
            throw new FormatException(path + ": tensor " + FormatException.quote(found.keySet().iterator().next())
                    + " has no place in the decoder that " + configured + " describes, " + describe());
        }
    }

    /** What the files hold of the decoder, by diffusers name; fills {@link #stored}. */
    private Map<String, TensorInfo> decoderTensors() throws FormatException {
        var all = new LinkedHashMap<String, TensorFile>();
        for (TensorFile file : files) {
            for (String name : file.tensors().keySet()) all.put(name, file);
            for (String name : file.unreadable().keySet()) all.put(name, file);
        }
        var found = new LinkedHashMap<String, TensorInfo>();
        for (var name : TensorNames.decoder(all.keySet()).entrySet()) {
            TensorFile file = all.get(name.getValue());
            TensorInfo info = file.require(name.getValue());
            stored.put(name.getKey(), new Stored(file, info.name()));
            found.put(name.getKey(), new TensorInfo(name.getKey(), info.dtype(), info.shape()));
        }
        return found;
    }

    private TensorInfo check(TensorInfo found, String name, long[] expected, String configured) throws FormatException {
        if (found == null) {
            throw new FormatException(path + ": tensor " + name + " is missing, expected of shape " + Arrays.toString(expected) + " by " + configured
                    + ", " + describe());
        }
        if (!Arrays.equals(found.shape(), expected)) {
            throw new FormatException(path + ": tensor " + name + " has shape " + Arrays.toString(found.shape()) + ", expected "
                    + Arrays.toString(expected) + " by " + configured + ", " + describe());
        }
        return found;
    }

    /** The configuration values that tensor shapes follow from. */
    private String describe() {
        return switch (config) {
            case WanConfig wan -> "base_dim of the decoder " + wan.decoderBaseDim() + ", dim_mult " + wan.dimMult() + ", num_res_blocks "
                    + wan.numResBlocks() + ", z_dim " + wan.zDim() + ", is_residual " + wan.isResidual();
            case HunyuanConfig hunyuan -> "block_out_channels " + hunyuan.blockOutChannels() + ", layers_per_block " + hunyuan.layersPerBlock()
                    + ", latent_channels " + hunyuan.latentChannels();
        };
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public VaeConfig config() {
        return config;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void read(String name, MemorySegment target) throws IOException {
        if (!tensors.containsKey(name)) throw new IllegalArgumentException("no tensor " + name);
        Stored source = stored.get(name);
        source.file.read(source.tensor, target);
    }

    @Override
    public void close() throws IOException {
        closeAll(files);
    }

    static void closeAll(List<TensorFile> files) throws IOException {
        IOException failure = null;
        for (TensorFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) throw failure;
    }
}
