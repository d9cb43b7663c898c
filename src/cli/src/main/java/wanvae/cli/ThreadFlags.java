package wanvae.cli;

import picocli.CommandLine.Option;
import wanvae.decode.DecodeOptions;
import wanvae.encode.EncodeOptions;

/** How many threads work: shared by everything that decodes or encodes. */
final class ThreadFlags {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of the arithmetic (default: the processors this process may use). An encoder works beside them.")
    private Integer threads;

    DecodeOptions decodeOptions() {
        if (threads != null && threads < 1) throw new UsageException("--threads is at least 1, not " + threads + ".");
        return threads == null ? DecodeOptions.DEFAULT : DecodeOptions.DEFAULT.withThreads(threads);
    }

    EncodeOptions encodeOptions() {
        return EncodeOptions.DEFAULT.withThreads(decodeOptions().threads());
    }
}
