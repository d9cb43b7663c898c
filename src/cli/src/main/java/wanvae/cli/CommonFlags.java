package wanvae.cli;

import picocli.CommandLine.Option;

/** The options that all commands share. */
final class CommonFlags {
    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but failures and what was asked for.")
    boolean quiet;

    @Option(names = Main.VERBOSE, description = "Show where a failure happened.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;
}
