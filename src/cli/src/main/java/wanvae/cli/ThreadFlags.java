package wanvae.cli;

import picocli.CommandLine.Option;
import wanvae.decode.DecodeOptions;
import wanvae.encode.EncodeOptions;

/** The option for the number of threads, shared by all commands that decode or encode. */
final class ThreadFlags {
    /** More would take the system minutes to start, if it starts them at all. */
    private static final int MOST = 10_000;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of the arithmetic (default: the processors this process may use). Coding H.264 takes further threads.")
    private Integer threads;

    DecodeOptions decodeOptions() {
        if (threads != null && (threads < 1 || threads > MOST))
            throw new UsageException("--threads is 1 to " + MOST + ", not " + threads + ".");
        return threads == null ? DecodeOptions.DEFAULT : DecodeOptions.DEFAULT.withThreads(threads);
    }

    EncodeOptions encodeOptions() {
        return EncodeOptions.DEFAULT.withThreads(decodeOptions().threads());
    }
}
