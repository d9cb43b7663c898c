package wanvae.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wanvae.checkpoint.format.FoundTensors;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
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
    /** Readable tensors of both halves by diffusers name. */
    private final Map<String, Stored> stored = new LinkedHashMap<>();

    private final VaeConfig config;
    private final Map<String, TensorInfo> decoder;
    private final EncoderPart encoder;
    private Optional<Assumption> assumption = Optional.empty();

    /**
     * Takes ownership of the files, but does not close them when it throws.
     *
     * @param configFile the configuration, or null to derive it
     * @param first      the first of the files, whose name may say whose weights they are
     * @param as         the VAE that they are known to be of
     */
    StoredCheckpoint(Path path, List<TensorFile> files, Path configFile, Path first, Optional<PublishedVae> as)
            throws IOException {
        this.path = path;
        this.files = files;
        var all = new LinkedHashMap<String, TensorFile>();
        for (TensorFile file : files) {
            for (String name : file.tensors().keySet()) all.put(name, file);
            for (String name : file.integers().keySet()) all.put(name, file);
            for (String name : file.unreadable().keySet()) all.put(name, file);
        }
        VaeConfig read = configFile == null ? null : VaeConfigJson.read(configFile);
        TensorNames names =
                read == null ? TensorNames.find(all.keySet()) : TensorNames.find(all.keySet(), VaeFamily.of(read));
        String configured = read == null ? "the other tensors" : configFile.toString();
        try {
            Map<String, TensorInfo> found = half(Half.DECODER, names, all);
            config = read == null ? chosen(derive(names, found, all), first, as) : read;
            decoder = TensorMatch.match(config, Half.DECODER, configured, found, path.toString());
        } catch (FormatException e) {
            String foreign = ForeignModels.of(shapes(all), names.family().isPresent());
            throw foreign == null ? e : new FormatException(path + ": " + foreign, e);
        }
        encoder = EncoderPart.of(config, configured, path, () -> half(Half.ENCODER, names, all));
    }

    /** Shapes of all tensors, whatever they belong to; an empty one where the type is unknown. */
    private static Map<String, long[]> shapes(Map<String, TensorFile> all) {
        var shapes = new LinkedHashMap<String, long[]>();
        all.forEach((name, file) -> {
            TensorInfo info = file.tensors().get(name);
            shapes.put(name, info == null ? new long[0] : info.shape());
        });
        return shapes;
    }

    private VaeConfig derive(TensorNames names, Map<String, TensorInfo> found, Map<String, TensorFile> all)
            throws FormatException {
        if (names.family().isEmpty()) {
            List<String> models = VaeFamily.all().stream()
                    .flatMap(family -> family.models().stream())
                    .toList();
            throw new FormatException(path + ": not a VAE we can decode with, expected the decoder tensors of "
                    + String.join(", ", models.subList(0, models.size() - 1)) + " or " + models.getLast()
                    + (found.isEmpty() ? "" : ", found " + FormatException.quote(found.keySet())));
        }
        var both = new LinkedHashMap<>(found);
        names.of(Half.ENCODER).forEach((name, storedName) -> {
            TensorInfo info = all.get(storedName).tensors().get(storedName);
            if (info != null) both.put(name, info);
        });
        VaeConfig derived = names.family().get().deriveConfig(new FoundTensors(path.toString(), both));
        VaeFamily.of(derived).check(derived, path.toString());
        return derived;
    }

    /** A derived configuration as that of the VAE it is known or assumed to be of. */
    private <C extends VaeConfig> C chosen(C derived, Path first, Optional<PublishedVae> as) {
        VaeFamily<C> family = VaeFamily.of(derived);
        List<PublishedVae> choices = family.lookalikes(derived);
        if (as.filter(choices::contains).isPresent()) return family.taken(derived, as.get());
        if (choices.size() < 2) return derived;
        assumption = Optional.of(Assumption.of(first, choices));
        return family.taken(derived, assumption.get().vae());
    }

    /** What the files hold of a half, by diffusers name; added to {@link #stored}. */
    private Map<String, TensorInfo> half(Half half, TensorNames scheme, Map<String, TensorFile> all)
            throws FormatException {
        var found = new LinkedHashMap<String, TensorInfo>();
        Map<String, String> names = scheme.of(half);
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
    public Optional<Assumption> assumption() {
        return assumption;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return decoder;
    }

    @Override
    public Set<Half> halves() {
        return encoder.isThere() ? EnumSet.allOf(Half.class) : EnumSet.of(Half.DECODER);
    }

    @Override
    public Map<String, TensorInfo> tensors(Half half) throws FormatException {
        return half == Half.DECODER ? decoder : encoder.require();
    }

    @Override
    public void read(String name, MemorySegment target) throws IOException {
        Stored source = stored.get(name);
        if (source == null) throw new IllegalArgumentException("no tensor " + name);
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
