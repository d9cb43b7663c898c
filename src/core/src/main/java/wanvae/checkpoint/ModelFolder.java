package wanvae.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import wanvae.tensorfile.FormatException;

/**
 * Finds a VAE's weights in a folder: a diffusers {@code vae/} folder, one above it, a model's folder in Hugging Face's
 * cache, whose snapshot it follows, an original repository, whose VAE lies beside the other models' files, or any with
 * one file of weights.
 */
final class ModelFolder {
    static final String CONFIG = "config.json";
    /** What names of diffusers' weights begin with. */
    static final String DIFFUSERS = "diffusion_pytorch_model";

    private static final String VAE = "vae";
    private static final String INDEX = ".index.json";
    private static final String WEIGHTS = ".*\\.(safetensors|pth|pt|bin|ckpt|gguf|wanvae)";
    /** As {@code Wan2.1_VAE.pth} and {@code wan_2.1_vae.safetensors}. */
    private static final String VAE_WEIGHTS = "(?i).*vae.*" + WEIGHTS;

    private static final List<String> USUAL =
            List.of(DIFFUSERS + ".safetensors", DIFFUSERS + ".bin", "pytorch_model.bin", "pytorch_model.pt");
    private static final int LONGEST_REFERENCE = 100;

    private ModelFolder() {}

    /**
     * A VAE's files.
     *
     * @param config its configuration, or null where it has to be derived
     */
    record Weights(List<Path> files, Path config) {
        Weights(Path file, Path config) {
            this(List.of(file), config);
        }
    }

    /** @throws FormatException if there are none or several, in one sentence */
    static Weights find(Path folder) throws IOException {
        if (Files.isDirectory(folder.resolve("snapshots"))) return find(snapshot(folder));
        Path config = folder.resolve(CONFIG);
        boolean configured = Files.exists(config) && isVaes(config);
        boolean otherModels = Files.exists(config) && !configured;
        if (!configured
                && Files.isDirectory(folder.resolve(VAE))
                && (otherModels || files(folder, WEIGHTS).isEmpty())) return find(folder.resolve(VAE));
        if (!otherModels) {
            List<Path> usual = usual(folder);
            if (!usual.isEmpty()) return new Weights(usual, configured ? config : null);
        }
        List<Path> candidates = files(folder, VAE_WEIGHTS);
        if (candidates.isEmpty() && !otherModels) candidates = files(folder, WEIGHTS);
        if (candidates.size() == 1) return new Weights(candidates.getFirst(), configured ? config : null);
        if (candidates.isEmpty()) {
            List<Path> inside = vaesInside(folder);
            if (inside.size() == 1) return find(inside.getFirst());
            candidates = inside;
        }
        throw new FormatException(folder + ": holds " + (candidates.isEmpty() ? "no" : "several") + " weights"
                + (otherModels && candidates.isEmpty() ? " of a VAE beside another model's configuration" : "")
                + ", expected " + DIFFUSERS + ".safetensors or a folder vae"
                + (candidates.isEmpty()
                        ? ""
                        : "; name one itself: "
                                + FormatException.quote(candidates.stream()
                                        .map(file -> folder.relativize(file).toString())
                                        .toList())));
    }

    /**
     * Whether a configuration is an autoencoder's, a known one or not.
     *
     * @throws FormatException if it is no configuration at all
     */
    static boolean isVaes(Path config) throws IOException {
        return VaeConfigJson.className(config).startsWith("Autoencoder");
    }

    /** Files of the usual names: all shards of one checkpoint. */
    private static List<Path> usual(Path folder) throws IOException {
        for (String name : USUAL) {
            if (Files.exists(folder.resolve(name))) return List.of(folder.resolve(name));
            Path index = folder.resolve(name + INDEX);
            if (Files.exists(index)) return ShardIndex.shards(index);
        }
        List<Path> variants = files(folder, DIFFUSERS + "\\.\\w+\\.(safetensors|bin)"); // ….fp16.safetensors
        return variants.size() == 1 ? variants : List.of();
    }

    /** Files of a folder, by name. */
    private static List<Path> files(Path folder, String pattern) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(pattern) && Files.exists(entry))
                    .sorted()
                    .toList();
        }
    }

    /** Folders {@code vae} one level down, as in {@code split_files/vae}. */
    private static List<Path> vaesInside(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.resolve(VAE))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
        }
    }

    /** The snapshot that {@code refs/main} names, else the only one. */
    private static Path snapshot(Path model) throws IOException {
        Path reference = model.resolve("refs").resolve("main");
        Path snapshots = model.resolve("snapshots");
        if (Files.isRegularFile(reference) && Files.size(reference) <= LONGEST_REFERENCE) {
            String name =
                    Files.readString(reference, StandardCharsets.ISO_8859_1).strip();
            if (name.matches("\\w[\\w.-]*") && Files.isDirectory(snapshots.resolve(name)))
                return snapshots.resolve(name);
        }
        try (Stream<Path> entries = Files.list(snapshots)) {
            List<Path> all = entries.filter(Files::isDirectory).sorted().toList();
            if (all.size() == 1) return all.getFirst();
            throw new FormatException(model + ": holds " + (all.isEmpty() ? "no snapshot" : "several snapshots")
                    + " of the model, expected one" + (all.isEmpty() ? "" : "; name one of them itself"));
        }
    }
}
