package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.PublishedVae;

/** The option {@code --family}, shared by all commands that read weights, and how it opens them. */
final class WeightFamily {
    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = FamilyArgument.class,
            description =
                    "Which model the weights are, where their tensors leave it open: taew2_1, taehv and lighttaew2_1 look alike "
                            + "(default: from the file's name).")
    private PublishedVae family;

    Checkpoint open(Path weights) throws IOException {
        return family == null ? Checkpoint.open(weights) : Checkpoint.open(weights, family);
    }
}
