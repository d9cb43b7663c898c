package wanvae.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import wanvae.tensorfile.TensorFile;

/** Opens what a path given as weights stands for: a file, or a folder. */
final class CheckpointFiles {
    private CheckpointFiles() {}

    static Checkpoint open(Path path) throws IOException {
        if (!Files.exists(path)) throw new NoSuchFileException(path.toString(), null, "no such file or folder");
        ModelFolder.Weights weights =
                Files.isDirectory(path) ? ModelFolder.find(path) : new ModelFolder.Weights(path, configBeside(path));
        if (weights.files().size() == 1 && WanvaeFile.isOne(weights.files().getFirst()))
            return WanvaeFile.open(weights.files().getFirst());
        return openAll(path, weights);
    }

    /** The configuration that belongs to a file, or null: another model's may lie beside it. */
    private static Path configBeside(Path file) throws IOException {
        Path config = file.resolveSibling(ModelFolder.CONFIG);
        if (!Files.exists(config)) return null;
        boolean named = file.getFileName().toString().startsWith(ModelFolder.DIFFUSERS);
        return named ? ModelFolder.isVaes(config) ? config : null : VaeConfigJson.describesVae(config) ? config : null;
    }

    private static Checkpoint openAll(Path path, ModelFolder.Weights weights) throws IOException {
        var files = new ArrayList<TensorFile>();
        try {
            for (Path file : weights.files()) files.add(TensorFile.open(file));
            return new StoredCheckpoint(path, List.copyOf(files), weights.config());
        } catch (IOException | RuntimeException e) {
            StoredCheckpoint.closeAll(files);
            throw e;
        }
    }
}
