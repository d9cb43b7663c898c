package wanvae.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import wanvae.checkpoint.Checkpoint;
import wanvae.config.PublishedVae;

/** Opens weights as those that the user says they are: shared by all commands that read weights. */
final class WeightFamily {
    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = FamilyArgument.class,
            description =
                    "What the weights are, where their tensors do not tell: taew2_1, taehv and lighttaew2_1 look alike "
                            + "(default: told by the file's name).")
    private PublishedVae family;

    Checkpoint open(Path weights) throws IOException {
        return family == null ? Checkpoint.open(weights) : Checkpoint.open(weights, family);
    }
}
