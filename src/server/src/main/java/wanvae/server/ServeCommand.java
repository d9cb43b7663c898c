package wanvae.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import wanvae.cli.ByteSize;
import wanvae.cli.Console;
import wanvae.cli.FamilyArgument;
import wanvae.cli.Interruption;
import wanvae.cli.Subcommand;
import wanvae.cli.UsageException;
import wanvae.config.PublishedVae;

/** {@code wanvae serve}: decodes and encodes over HTTP. */
@Command(
        name = "serve",
        sortOptions = false,
        customSynopsis = "wanvae serve -w WEIGHTS [-w WEIGHTS2 …] [OPTIONS]",
        description = "Serve VAEs over HTTP: to diffusers' remote_decode, to curl, and to a browser.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  wanvae serve -w Wan2.1-T2V-1.3B-Diffusers",
            "  wanvae serve -w vae.wanvae --host 0.0.0.0 --token-file token --memory 12g",
            "",
            "In Python, with a pipeline's latents (output_type=\"latent\"):",
            "  from diffusers.utils.remote_utils import remote_decode",
            "  video = remote_decode(\"http://127.0.0.1:8000/\", latents, output_type=\"mp4\", return_type=\"mp4\")",
            "In a shell:",
            "  curl --data-binary @latents.safetensors http://127.0.0.1:8000/v1/decode -o out.mp4",
            "In a browser: http://127.0.0.1:8000/"
        })
public final class ServeCommand implements Subcommand, Callable<Integer> {
    /** Time that closing may take after the grace period, to free everything. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    /**
     * Helidon's log, which is silenced: it reports its own start and every broken connection. What matters also arrives
     * as an exception.
     */
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private enum LogFormat {
        TEXT,
        JSON
    }

    private Console console;
    private Interruption interruption;

    @Option(
            names = {"-w", "--weights"},
            required = true,
            paramLabel = "WEIGHTS",
            description =
                    "A VAE, as decode takes it; give it several times to serve several. A request chooses one by ?model=, or by the number of its latents' channels.")
    private List<Path> weights;

    @Option(
            names = "--family",
            paramLabel = "FAMILY",
            converter = FamilyArgument.class,
            description =
                    "Which model the weights are, where their tensors leave it open: taew2_1, taehv and lighttaew2_1 look alike "
                            + "(default: from a file's name). Of several weights, it applies only to such ones.")
    private PublishedVae family;

    @Option(
            names = "--decoder-only",
            description =
                    "Do not open encoders, which saves their memory (default: open those that the weights contain).")
    private boolean decoderOnly;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "HOST",
            description =
                    "Address to listen at (default: ${DEFAULT-VALUE}, this machine only; 0.0.0.0 listens at all of its addresses).")
    private String host;

    @Option(
            names = "--port",
            defaultValue = "8000",
            paramLabel = "PORT",
            description = "Port to listen at (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of the arithmetic, shared by all requests (default: the processors this process may use).")
    private Integer threads;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description =
                    "Resident memory to stay within, like 6g (default: what the machine has). Requests wait until theirs is "
                            + "free; one that could never fit is refused.")
    private ByteSize memory;

    @Option(
            names = "--queue",
            defaultValue = "16",
            paramLabel = "N",
            description = "Requests that may wait (default: ${DEFAULT-VALUE}); further ones get 503 and Retry-After.")
    private int queue;

    @Option(
            names = "--max-body",
            defaultValue = "1g",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = "Largest request (default: ${DEFAULT-VALUE}).")
    private ByteSize maxBody;

    @Option(
            names = "--timeout",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description =
                    "Disconnect a client that has neither sent nor received anything for this long (default: ${DEFAULT-VALUE}).")
    private int timeout;

    @Option(
            names = "--grace",
            defaultValue = "30",
            paramLabel = "SECONDS",
            description =
                    "How long running requests may go on after SIGTERM or Ctrl-C before they are cancelled (default: ${DEFAULT-VALUE}).")
    private int grace;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "The token that clients must send as 'Authorization: Bearer TOKEN'. Other users of this machine can see it in the command line.")
    private String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "Read the token from the first line of a file.")
    private Path tokenFile;

    @Option(
            names = "--tls-cert",
            paramLabel = "PEM",
            description = "Certificate and those above it, for HTTPS; with --tls-key.")
    private Path certificate;

    @Option(names = "--tls-key", paramLabel = "PEM", description = "The certificate's private key.")
    private Path key;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Where results of jobs are kept, also over a restart (default: a temporary folder).")
    private Path results;

    @Option(
            names = "--keep",
            defaultValue = "24",
            paramLabel = "HOURS",
            description = "How long results are kept (default: ${DEFAULT-VALUE}).")
    private int keep;

    @Option(
            names = "--temp-dir",
            paramLabel = "DIR",
            description = "Where requests and temporary files go (default: the system's).")
    private Path temporary;

    @Option(
            names = "--log",
            defaultValue = "text",
            paramLabel = "text|json",
            description = "A line for each request on standard error (default: ${DEFAULT-VALUE}).")
    private LogFormat log;

    @Option(names = Subcommand.VERBOSE, description = "Show where a failure happened.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Override
    public Object command(Console console, Interruption interruption) {
        this.console = console;
        this.interruption = interruption;
        return this;
    }

    @Override
    public Integer call() throws IOException {
        HELIDON.setLevel(Level.OFF);
        ServeOptions options = options();
        interruption.grant(options.grace().plus(CLOSING), 0);
        RequestLog lines = new RequestLog(console.err(), log == LogFormat.JSON);
        try (Server server = Server.start(options, lines)) {
            lines.say("listening at " + (options.tls().isPresent() ? "https" : "http") + "://" + options.host() + ":"
                    + server.port() + "/ with " + server.description() + ".");
            if (options.token().isEmpty()
                    && !InetAddress.getByName(options.host()).isLoopbackAddress())
                lines.say("whoever reaches this address may use this server; --token-file restricts it.");
            interruption.await();
            lines.say("ending.");
        }
        return 0;
    }

    private ServeOptions options() throws IOException {
        requireRange("--port", port, 0, 65535);
        requireRange("--queue", queue, 0, 100_000);
        requireRange("--timeout", timeout, 1, 86_400);
        requireRange("--grace", grace, 0, 86_400);
        requireRange("--keep", keep, 1, 100_000);
        if (threads != null) requireRange("--threads", threads, 1, 10_000);
        if ((certificate == null) != (key == null)) throw new UsageException("--tls-cert and --tls-key go together.");
        if (token != null && tokenFile != null)
            throw new UsageException("--token and --token-file exclude each other.");
        Path temporary = this.temporary == null ? Path.of(System.getProperty("java.io.tmpdir")) : this.temporary;
        if (!Files.isDirectory(temporary)) throw new IOException("--temp-dir: " + temporary + " is no folder");
        return new ServeOptions(
                weights,
                Optional.ofNullable(family),
                decoderOnly,
                host,
                port,
                threads == null ? Runtime.getRuntime().availableProcessors() : threads,
                memory == null ? OptionalLong.empty() : OptionalLong.of(memory.bytes()),
                queue,
                maxBody.bytes(),
                Duration.ofSeconds(timeout),
                Duration.ofSeconds(grace),
                token(),
                certificate == null ? Optional.empty() : Optional.of(new ServeOptions.Tls(certificate, key)),
                Optional.ofNullable(results),
                Duration.ofHours(keep),
                temporary);
    }

    private static void requireRange(String flag, int value, int least, int most) {
        if (value < least || value > most)
            throw new UsageException(flag + " is " + least + " to " + most + ", not " + value + ".");
    }

    private Optional<String> token() throws IOException {
        if (tokenFile == null) return Optional.ofNullable(token);
        List<String> lines = Files.readAllLines(tokenFile);
        if (lines.isEmpty() || lines.getFirst().isBlank()) throw new IOException(tokenFile + ": has no token");
        return Optional.of(lines.getFirst().strip());
    }
}
