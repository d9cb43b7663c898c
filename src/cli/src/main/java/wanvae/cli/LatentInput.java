package wanvae.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import wanvae.config.VaeConfig;
import wanvae.latent.LatentReading;
import wanvae.latent.LatentRequest;
import wanvae.latent.Latents;

/** The latents to read: a file or standard input, and how to interpret them. */
final class LatentInput {
    @Parameters(
            index = "0",
            paramLabel = "LATENTS",
            description = "Latents [B][C][F][H][W] or in another usual order: .safetensors, .latent, .npy, .npz, "
                    + ".pt or .pth, or - for standard input.")
    private String file;

    @Mixin
    private LatentFlags flags;

    /** The name of the file, or "-". */
    String name() {
        return file;
    }

    /**
     * Reads the latents.
     *
     * @param temporary folder for a copy of standard input
     * @param vae       the VAE that will decode them
     * @param note      receives a sentence for each choice between possible readings
     */
    Latents read(InputStream standardInput, Path temporary, VaeConfig vae, Consumer<String> note) throws IOException {
        LatentRequest request = flags.request(List.of(vae));
        LatentReading reading = file.equals("-")
                ? LatentReading.of(standardInput, request, "standard input", temporary)
                : LatentReading.of(Path.of(file), request);
        for (LatentReading.Note taken : reading.notes()) note.accept(LatentFlags.text(taken));
        return flags.select(reading.latents());
    }
}
