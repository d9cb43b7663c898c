package wanvae.cli;

import picocli.CommandLine.Option;
import wanvae.DecodeOptions;
import wanvae.OpenOptions;

/** How many threads work: shared by everything that decodes. */
final class ThreadFlags {
    @Option(names = "--threads", paramLabel = "N", description = "Threads of the arithmetic (default: the processors this process may use).")
    private Integer threads;

    OpenOptions openOptions() {
        check();
        return threads == null ? OpenOptions.DEFAULT : OpenOptions.DEFAULT.withThreads(threads);
    }

    DecodeOptions decodeOptions() {
        check();
        return threads == null ? DecodeOptions.DEFAULT : DecodeOptions.DEFAULT.withThreads(threads);
    }

    private void check() {
        if (threads != null && threads < 1) throw new UsageException("--threads is at least 1, not " + threads + ".");
    }
}
