package wanvae.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wanvae.config.PublishedVae;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorFile;

/** Opens what a path given as weights stands for: a file, or a folder. */
final class CheckpointFiles {
    private CheckpointFiles() {}

    /** @param as the VAE that it is known to be of */
    static Checkpoint open(Path path, Optional<PublishedVae> as) throws IOException {
        if (!Files.exists(path)) throw new NoSuchFileException(path.toString(), null, "no such file or folder");
        ModelFolder.Weights weights =
                Files.isDirectory(path) ? ModelFolder.find(path) : new ModelFolder.Weights(path, configBeside(path));
        if (weights.files().size() == 1 && WanvaeFile.isOne(weights.files().getFirst()))
            return required(WanvaeFile.open(weights.files().getFirst()), as);
        return required(openAll(path, weights, as), as);
    }

    /** The configuration that belongs to a file, or null; the one beside it may be another model's. */
    private static Path configBeside(Path file) throws IOException {
        Path config = file.resolveSibling(ModelFolder.CONFIG);
        if (!Files.exists(config)) return null;
        boolean named = file.getFileName().toString().startsWith(ModelFolder.DIFFUSERS);
        return named ? ModelFolder.isVaes(config) ? config : null : VaeConfigJson.describesVae(config) ? config : null;
    }

    /** Closes and refuses a checkpoint of another VAE. */
    private static Checkpoint required(Checkpoint checkpoint, Optional<PublishedVae> as) throws IOException {
        try {
            if (as.isPresent()) checkpoint.requireOf(as.get());
            return checkpoint;
        } catch (FormatException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static Checkpoint openAll(Path path, ModelFolder.Weights weights, Optional<PublishedVae> as)
            throws IOException {
        var files = new ArrayList<TensorFile>();
        try {
            for (Path file : weights.files()) files.add(TensorFile.open(file));
            return new StoredCheckpoint(
                    path, List.copyOf(files), weights.config(), weights.files().getFirst(), as);
        } catch (IOException | RuntimeException e) {
            StoredCheckpoint.closeAll(files);
            throw e;
        }
    }
}
