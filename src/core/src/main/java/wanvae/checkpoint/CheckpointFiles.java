package wanvae.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import wanvae.checkpoint.format.JsonText;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;

/** Finds the files that a path given as weights stands for. */
final class CheckpointFiles {
    private static final String WEIGHTS = "diffusion_pytorch_model";
    private static final String CONFIG = "config.json";
    private static final int LONGEST_INDEX = 16 << 20;
    private static final int MOST_SHARDS = 1000;
    /** Without the parser's table of field names, which for a hostile index would take many times the file's size. */
    private static final JsonFactory INDEX = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private CheckpointFiles() {}

    static Checkpoint open(Path path) throws IOException {
        if (!Files.exists(path)) throw new NoSuchFileException(path.toString(), null, "no such file or folder");
        if (!Files.isDirectory(path)) return openFile(path);
        Path folder = isVaeFolder(path) || !Files.isDirectory(path.resolve("vae")) ? path : path.resolve("vae");
        Path config = folder.resolve(CONFIG);
        return openAll(path, weights(folder), Files.exists(config) ? config : null);
    }

    private static Checkpoint openFile(Path file) throws IOException {
        if (WanvaeFile.isOne(file)) return WanvaeFile.open(file);
        Path config = file.resolveSibling(CONFIG);
        boolean ours = file.getFileName().toString().startsWith(WEIGHTS)
                ? Files.exists(config)
                : VaeConfigJson.describesVae(config);
        return openAll(file, List.of(file), ours ? config : null);
    }

    private static boolean isVaeFolder(Path folder) {
        return Files.exists(folder.resolve(CONFIG)) || Files.exists(folder.resolve(WEIGHTS + ".safetensors"));
    }

    private static List<Path> weights(Path folder) throws IOException {
        Path single = folder.resolve(WEIGHTS + ".safetensors");
        if (Files.exists(single)) return List.of(single);
        Path index = folder.resolve(WEIGHTS + ".safetensors.index.json");
        if (Files.exists(index)) return shards(index);
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> candidates = entries.filter(entry -> entry.toString().matches(".*\\.(safetensors|pth|pt)"))
                    .sorted()
                    .toList();
            if (candidates.size() == 1) return candidates;
            throw new FormatException(folder + ": holds " + (candidates.isEmpty() ? "no" : "several")
                    + " weights, expected " + WEIGHTS + ".safetensors or a folder vae"
                    + (candidates.isEmpty() ? "" : "; name one of the files itself"));
        }
    }

    /** The files named in an index, {@code {"weight_map": {tensor: file}}}; they must lie in its own folder. */
    private static List<Path> shards(Path index) throws IOException {
        var names = new TreeSet<String>();
        try (JsonParser json = INDEX.createParser(JsonText.read(index, LONGEST_INDEX))) {
            if (json.nextToken() != JsonToken.START_OBJECT) throw new FormatException(index + ": not a JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean map = json.currentName().equals("weight_map");
                if (json.nextToken() != JsonToken.START_OBJECT || !map) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    if (json.nextToken() != JsonToken.VALUE_STRING) {
                        throw new FormatException(index + ": a weight_map entry that is no file name");
                    }
                    names.add(json.getText());
                    if (names.size() > MOST_SHARDS)
                        throw new FormatException(index + ": names more than " + MOST_SHARDS + " files");
                }
            }
        } catch (JsonProcessingException e) {
            throw JsonText.invalid(index, e);
        }
        var shards = new ArrayList<Path>();
        for (String name : names) {
            if (!name.matches("[\\w.-]+") || name.startsWith(".")) {
                throw new FormatException(
                        index + ": names the file " + FormatException.quote(name) + ", expected one in its own folder");
            }
            shards.add(index.resolveSibling(name));
        }
        if (shards.isEmpty()) throw new FormatException(index + ": names no files");
        return shards;
    }

    private static Checkpoint openAll(Path path, List<Path> weights, Path config) throws IOException {
        var files = new ArrayList<TensorFile>();
        try {
            for (Path file : weights) files.add(TensorFile.open(file));
            return new StoredCheckpoint(path, files, config);
        } catch (IOException | RuntimeException e) {
            StoredCheckpoint.closeAll(files);
            throw e;
        }
    }
}
