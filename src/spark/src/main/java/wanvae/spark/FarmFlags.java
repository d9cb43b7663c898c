package wanvae.spark;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Where files come from and go to: any file system that Hadoop opens. */
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
            description = "The folder of the results, which are named as their inputs, with folders below a pattern's.")
    String output;

    @Option(
            names = "--format",
            paramLabel = "ENDING",
            description = "What to write, by its ending: one of those of the command line that are one file.")
    private String format;

    @Option(
            names = "--overwrite",
            description = "Make results that are there already anew (default: they are skipped).")
    boolean overwrite;

    @Option(
            names = "--fail-fast",
            description = "End the job at the first file that fails (default: it is a row of the summary).")
    boolean failFast;

    @Option(
            names = "--summary",
            paramLabel = "URI",
            description =
                    "Where the summary goes, as Parquet; what is there stays (default: _summary in the output folder).")
    private String summary;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    /** The ending of outputs with its dot. */
    String ending(String otherwise) {
        if (format == null) return otherwise;
        String ending = format.toLowerCase(Locale.ROOT);
        return ending.startsWith(".") ? ending : "." + ending;
    }

    String summary() {
        return summary == null ? Storage.child(output, "_summary") : summary;
    }
}
