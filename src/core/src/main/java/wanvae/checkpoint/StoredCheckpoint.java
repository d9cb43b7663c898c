package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;
import wanvae.tensorfile.TensorInfo;

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
        var all = new LinkedHashMap<String, TensorFile>();
        for (TensorFile file : files) {
            for (String name : file.tensors().keySet()) all.put(name, file);
            for (String name : file.integers().keySet()) all.put(name, file);
            for (String name : file.unreadable().keySet()) all.put(name, file);
        }
        if (configFile != null) {
            config = VaeConfigJson.read(configFile);
            TensorNames names = TensorNames.find(all.keySet(), VaeFamily.of(config));
            tensors = match(half(Half.DECODER, names, all), configFile.toString());
        } else {
            TensorNames names = TensorNames.find(all.keySet());
            Map<String, TensorInfo> found = half(Half.DECODER, names, all);
            config = derive(names, found);
            tensors = match(found, "the other tensors");
        }
    }

    private Map<String, TensorInfo> match(Map<String, TensorInfo> found, String configured) throws FormatException {
        return TensorMatch.match(config, Half.DECODER, configured, found, path.toString());
    }

    private VaeConfig derive(TensorNames names, Map<String, TensorInfo> found) throws FormatException {
        if (names.family().isEmpty()) {
            List<String> models = VaeFamily.all().stream()
                    .flatMap(family -> family.models().stream())
                    .toList();
            throw new FormatException(path + ": not a VAE we can decode with, expected the decoder tensors of "
                    + String.join(", ", models.subList(0, models.size() - 1)) + " or " + models.getLast()
                    + (found.isEmpty() ? "" : ", found " + FormatException.quote(found.keySet())));
        }
        VaeConfig derived = names.family().get().deriveConfig(new FoundTensors(path.toString(), found));
        VaeFamily.of(derived).check(derived, path.toString());
        return derived;
    }

    /** What the files hold of a half, by diffusers name; added to {@link #stored}. */
    private Map<String, TensorInfo> half(Half half, TensorNames scheme, Map<String, TensorFile> all)
            throws FormatException {
        var found = new LinkedHashMap<String, TensorInfo>();
        Map<String, String> names = scheme.of(half, all.keySet());
        for (var name : names.entrySet()) {
            TensorFile file = all.get(name.getValue());
            TensorInfo info = file.require(name.getValue());
            stored.put(name.getKey(), new Stored(file, info.name()));
            found.put(name.getKey(), new TensorInfo(name.getKey(), info.dtype(), info.shape()));
        }
        for (TensorFile file : files) file.requireDisjoint(names.values());
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
