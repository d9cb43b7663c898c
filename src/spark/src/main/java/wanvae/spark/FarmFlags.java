package wanvae.spark;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that say where files come from and go to, in any file system that Hadoop opens. */
final class FarmFlags {
    @Option(
            names = {"-w", "--weights"},
            required = true,
            paramLabel = "URI",
            description =
                    "The VAE, as the command line takes it; the driver reads it once and hands it to the executors.")
    String weights;

    @Option(
            names = {"-i", "--input"},
            required = true,
            arity = "1..*",
            paramLabel = "URI",
            description = "Files, or patterns like 'hdfs://host/latents/*/*.safetensors'.")
    List<String> inputs;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "URI",
            description =
                    "The folder of the results. Each is named after its input, in the same subfolder below the plain part of its pattern.")
    String output;

    @Option(
            names = "--format",
            paramLabel = "ENDING",
            description =
                    "The ending of the results, which chooses their format: any output of the command line that is one file.")
    private String format;

    @Option(names = "--overwrite", description = "Make existing results again (default: skip them).")
    boolean overwrite;

    @Option(
            names = "--fail-fast",
            description =
                    "End the job at the first file that fails (default: record the failure in the summary and go on).")
    boolean failFast;

    @Option(
            names = "--summary",
            paramLabel = "URI",
            description =
                    "Where to write the summary, as Parquet; existing rows stay (default: _summary in the output folder).")
    private String summary;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    /** The ending of outputs with its dot; {@code otherwise} if the user chose none. */
    String ending(String otherwise) {
        if (format == null) return otherwise;
        String ending = format.toLowerCase(Locale.ROOT);
        return ending.startsWith(".") ? ending : "." + ending;
    }

    String summary() {
        return summary == null ? Storage.child(output, "_summary") : summary;
    }
}
