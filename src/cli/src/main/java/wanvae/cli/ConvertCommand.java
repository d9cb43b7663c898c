package wanvae.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import wanvae.checkpoint.Checkpoint;
import wanvae.checkpoint.ConvertOptions;
import wanvae.checkpoint.WanvaeFile;
import wanvae.config.Half;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;

/** {@code wanvae convert}: writes any accepted checkpoint as one {@code .wanvae} file. */
@Command(
        name = "convert",
        sortOptions = false,
        customSynopsis = "wanvae convert WEIGHTS OUT.wanvae [--dtype f32|bf16|f16] [--decoder-only]",
        description =
                "Write a VAE as one .wanvae file with checksums. It is mapped and used in place, so it opens fastest.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae convert vae/ vae.wanvae",
            "  wanvae convert Wan2.1_VAE.pth wan21.wanvae --dtype bf16    half the size"
        })
final class ConvertCommand implements Callable<Integer> {
    enum StoredType {
        F32,
        BF16,
        F16
    }

    private final Console console;

    @Parameters(
            index = "0",
            paramLabel = "WEIGHTS",
            description = "A diffusers vae/ folder, a pipeline folder, a .safetensors, .pth or .wanvae file.")
    private Path weights;

    @Parameters(index = "1", paramLabel = "OUT.wanvae", description = "The file to write.")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "f32|bf16|f16",
            description = "Element type of the stored weights (default: as they are).")
    private StoredType dtype;

    @Option(names = "--decoder-only", description = "Leave out the encoder (default: written if WEIGHTS has one).")
    private boolean decoderOnly;

    @Mixin
    private WeightFamily family;

    @Mixin
    private CommonFlags common;

    ConvertCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (!out.toString().toLowerCase(Locale.ROOT).endsWith(".wanvae"))
            throw new UsageException("convert writes .wanvae files, and " + out + " is not named so.");
        try (Checkpoint checkpoint = family.open(weights)) {
            ConvertOptions options = decoderOnly ? ConvertOptions.DEFAULT.decoderOnly() : ConvertOptions.DEFAULT;
            if (dtype != null) options = options.withDtype(DType.valueOf(dtype.name()));
            boolean both = !decoderOnly && checkpoint.halves().contains(Half.ENCODER);
            if (both) requireEncoder(checkpoint);
            WanvaeFile.write(checkpoint, out, options);
            if (!common.quiet)
                console.err()
                        .println("Wrote " + out + ": the decoder " + (both ? "and the encoder " : "") + "of "
                                + checkpoint.config().family() + ", " + ByteSize.text(Files.size(out)) + ".");
        }
        return 0;
    }

    private static void requireEncoder(Checkpoint checkpoint) throws FormatException {
        try {
            checkpoint.tensors(Half.ENCODER);
        } catch (FormatException e) {
            throw new FormatException(e.getMessage() + "; --decoder-only leaves the encoder out", e);
        }
    }
}
