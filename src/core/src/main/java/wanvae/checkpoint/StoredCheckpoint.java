package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wanvae.config.VaeConfig;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TorchFile;

/** A checkpoint in tensor files: one, or the shards of one. */
final class StoredCheckpoint implements Checkpoint {
    private record Stored(TensorFile file, String tensor) {}

    private final Path path;
    private final List<TensorFile> files;
    private final Map<String, Stored> stored = new LinkedHashMap<>();
    private final VaeConfig config;
    private final Map<String, TensorInfo> tensors;

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
        tensors = DecoderTensors.match(
                config, configFile != null ? configFile.toString() : "the other tensors", found, path.toString());
    }

    /** What the files hold of the decoder, by diffusers name; fills {@link #stored}. */
    private Map<String, TensorInfo> decoderTensors() throws FormatException {
        var all = new LinkedHashMap<String, TensorFile>();
        for (TensorFile file : files) {
            for (String name : file.tensors().keySet()) all.put(name, file);
            for (String name : file.unreadable().keySet()) all.put(name, file);
        }
        var found = new LinkedHashMap<String, TensorInfo>();
        Map<String, String> names = TensorNames.decoder(all.keySet());
        for (var name : names.entrySet()) {
            TensorFile file = all.get(name.getValue());
            TensorInfo info = file.require(name.getValue());
            stored.put(name.getKey(), new Stored(file, info.name()));
            found.put(name.getKey(), new TensorInfo(name.getKey(), info.dtype(), info.shape()));
        }
        for (TensorFile file : files) if (file instanceof TorchFile torch) torch.requireDisjoint(names.values());
        return found;
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
        return tensors;
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
