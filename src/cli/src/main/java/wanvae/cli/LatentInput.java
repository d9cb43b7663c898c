package wanvae.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.latent.Latents;

/** Which latents to read, and how their values are meant. */
final class LatentInput {
    enum Meaning {
        NORMALIZED,
        RAW
    }

    @Parameters(
            index = "0",
            paramLabel = "LATENTS",
            description = "Latents [B][C][F][H][W] (or one member, [C][F][H][W]): .safetensors, .npy, "
                    + ".pt or .pth, or - for standard input.")
    private String file;

    @Option(
            names = "--latents",
            paramLabel = "normalized|raw",
            defaultValue = "normalized",
            description =
                    "normalized: as a pipeline's output_type=\"latent\" gives them, z = latents * std + mean is applied (default); "
                            + "raw: what vae.decode() receives.")
    private Meaning meaning;

    @Option(
            names = "--key",
            paramLabel = "NAME",
            description = "Which tensor of the file (default: 'latents', else the only one).")
    private String key;

    Latents read(InputStream standardInput) throws IOException {
        Latents latents;
        if (file.equals("-"))
            latents = Latents.read(
                    standardInput,
                    Optional.ofNullable(key),
                    "standard input",
                    Path.of(System.getProperty("java.io.tmpdir")));
        else latents = key == null ? Latents.read(Path.of(file)) : Latents.read(Path.of(file), key);
        return meaning == Meaning.RAW ? latents.raw() : latents;
    }
}
