package wanvae.server;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wanvae.OpenOptions;
import wanvae.workers.Workers;

/** A running server: its models, its threads and its socket, from {@link #start} to {@link #close}. */
final class Server implements AutoCloseable {
    /** Connections at a time: more than any queue has requests, and fewer than the files that a process may open. */
    private static final int MOST_CONNECTIONS = 512;

    /**
     * The least number of requests at work: a second one computes while the first waits for its video encoder or its
     * client.
     */
    private static final int LEAST_SLOTS = 2;

    private static final int WRITE_BUFFER = 1 << 16;

    private final ServeOptions options;
    private final RequestLog log;
    private final Access access;
    private final Path folder;
    private final Workers workers;
    private final Models models;
    private final Decodes decodes;
    private final ResultStore results;
    private final Jobs jobs;
    private final WebServer http;
    private final Thread warming;
    private volatile boolean ready, ending;

    /** Answers a request. */
    private interface Endpoint {
        void answer(Exchange exchange) throws IOException;
    }

    private Server(ServeOptions options, RequestLog log) throws IOException {
        this.options = options;
        this.log = log;
        access = new Access(options.token());
        folder = Files.createTempDirectory(options.temporary(), "wanvae-serve-");
        workers = Workers.of(options.threads());
        Models models = null;
        ResultStore results = null;
        Jobs jobs = null;
        try {
            models = Models.open(
                    options.weights(),
                    options.family(),
                    options.decoderOnly(),
                    OpenOptions.DEFAULT.withWorkers(workers));
            decodes = new Decodes(
                    models,
                    workers,
                    options.temporary(),
                    options.memory(),
                    Math.max(LEAST_SLOTS, options.threads()),
                    options.queue());
            results = ResultStore.open(options.results(), options.temporary(), options.keep());
            jobs = new Jobs(models, decodes, results);
            this.models = models;
            this.results = results;
            this.jobs = jobs;
            http = WebServer.builder().update(this::configure).build();
            http.start();
            if (!http.isRunning())
                throw new IOException("cannot listen at " + options.host() + ":" + options.port()
                        + ": the port is taken, or the address is not one of this machine's");
        } catch (IOException | RuntimeException e) {
            if (jobs != null) jobs.close();
            if (models != null) models.close();
            workers.close();
            if (results != null) results.close();
            Files.delete(folder);
            throw e;
        }
        warming = Thread.ofVirtual().name("wanvae-warming").start(this::warmUp);
    }

    /**
     * Opens the models and begins to listen. The server answers from then on, and is ready when its models have warmed
     * up.
     *
     * @param log receives a line for each request
     * @throws IOException if weights cannot be opened, memory does not suffice, or the address is taken
     */
    static Server start(ServeOptions options, RequestLog log) throws IOException {
        return new Server(options, log);
    }

    private void warmUp() {
        try {
            decodes.warmUp(models, () -> ending);
            ready = true;
            log.say("ready.");
        } catch (CancellationException e) {
            return;
        } catch (IOException | RuntimeException e) {
            log.say("the model cannot decode: " + Failures.problem(e).getMessage());
        }
    }

    /** The port that the server listens at. */
    int port() {
        return http.port();
    }

    /** What the server serves, as text for people. */
    String description() {
        return models.all().stream()
                .map(model -> model.name() + " (" + model.config().family() + ", "
                        + model.config().latentChannels() + " channels)")
                .collect(Collectors.joining(", "));
    }

    boolean isReady() {
        return ready && !ending;
    }

    /** Whether any request works or waits. */
    boolean isBusy() {
        return decodes.admission().working() + decodes.admission().waiting() > 0;
    }

    private void configure(WebServerConfig.Builder server) {
        long seconds = Math.max(1, options.timeout().toSeconds());
        Http1Config http1 = Http1Config.builder().build();
        server.host(options.host())
                .port(options.port())
                .addConnectionSelector(Client.selector(http1, options.timeout()))
                .protocolsDiscoverServices(false)
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .shutdownGracePeriod(options.grace())
                .idleConnectionTimeout(options.timeout())
                .idleConnectionPeriod(Duration.ofMillis(Math.clamp(1000 * seconds / 4, 250, 10_000)))
                .maxTcpConnections(MOST_CONNECTIONS)
                .writeBufferSize(WRITE_BUFFER)
                .connectionOptions(socket -> socket.tcpNoDelay(true))
                .directHandlers(refusals())
                .routing(this::routes);
        options.tls().ifPresent(tls -> server.tls(tls(tls)));
    }

    private static Tls tls(ServeOptions.Tls files) {
        Keys keys = Keys.builder()
                .pem(pem -> pem.key(Resource.create(files.key())).certChain(Resource.create(files.certificate())))
                .build();
        return Tls.builder().privateKey(keys).privateKeyCertChain(keys).build();
    }

    /**
     * Answers malformed HTTP with a sentence, too. An internal error of Helidon can here only mean a request that ends
     * within its head, because endpoints answer all their failures themselves.
     */
    private static DirectHandlers refusals() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values())
            handlers.addHandler(type, (request, event, status, headers, message) -> {
                headers.set(HeaderNames.CONTENT_TYPE, Json.TYPE);
                headers.set(HeaderNames.create("X-Content-Type-Options"), "nosniff");
                Status answer = event == DirectHandler.EventType.INTERNAL_ERROR ? Status.BAD_REQUEST_400 : status;
                return DirectHandler.TransportResponse.builder()
                        .status(answer)
                        .headers(headers)
                        .keepAlive(false)
                        .entity(Json.object(json -> json.writeStringField(
                                "error", "The request is not understood: " + answer.reasonPhrase() + ".")))
                        .build();
            });
        return handlers.build();
    }

    private void routes(HttpRouting.Builder routing) {
        Encodes encodes = new Encodes(models, decodes);
        DiffusersProtocol diffusers = new DiffusersProtocol(models, decodes, encodes);
        PlainApi plain = new PlainApi(models, decodes, encodes, folder);
        JobsApi jobsApi = new JobsApi(models, decodes, jobs, () -> ending);
        Page page = new Page();
        routing.get("/", open("/", page::page))
                .get("/health", open("/health", this::health))
                .get("/openapi.json", open("/openapi.json", page::description))
                .get("/metrics", guarded("/metrics", this::metrics))
                .post("/", guarded("/", diffusers::answer))
                .post("/predict", guarded("/predict", diffusers::answer))
                .post("/encode", guarded("/encode", diffusers::encode))
                .get("/v1/models", guarded("/v1/models", plain::models))
                .post("/v1/decode", guarded("/v1/decode", plain::decode))
                .post("/v1/encode", guarded("/v1/encode", plain::encode))
                .post("/v1/preview", guarded("/v1/preview", plain::preview))
                .post("/v1/plan", guarded("/v1/plan", plain::plan))
                .get("/v1/jobs", guarded("/v1/jobs", jobsApi::list))
                .post("/v1/jobs", guarded("/v1/jobs", jobsApi::begin))
                .get("/v1/jobs/{id}", guarded("/v1/jobs/{id}", jobsApi::status))
                .delete("/v1/jobs/{id}", guarded("/v1/jobs/{id}", jobsApi::delete))
                .get("/v1/jobs/{id}/events", guarded("/v1/jobs/{id}/events", jobsApi::events))
                .get("/v1/jobs/{id}/result", guarded("/v1/jobs/{id}/result", jobsApi::result));
        Stream.of("/v1/decode", "/v1/encode", "/v1/preview", "/v1/plan", "/predict", "/encode")
                .forEach(path -> only("POST", path, routing));
        Stream.of("/health", "/openapi.json", "/metrics", "/v1/models").forEach(path -> only("GET", path, routing));
        only("GET, POST", "/", routing);
        only("GET, POST", "/v1/jobs", routing);
        only("GET, DELETE", "/v1/jobs/{id}", routing);
        routing.any(open("other", exchange -> {
            throw new Problem(Problem.NOT_FOUND, "There is nothing here; /openapi.json describes what there is.");
        }));
    }

    private void only(String methods, String path, HttpRouting.Builder routing) {
        routing.any(path, open(path, exchange -> {
            exchange.header("Allow", methods);
            throw new Problem(Problem.METHOD_NOT_ALLOWED, "This path takes " + methods + ".");
        }));
    }

    private void health(Exchange exchange) {
        if (!isReady())
            throw Problem.busy(ending ? "This server is being shut down." : "This server is warming up.", 1);
        exchange.reply(200, "text/plain; charset=utf-8", "Ok");
    }

    private void metrics(Exchange exchange) throws IOException {
        exchange.reply(200, Metrics.TYPE, decodes.metrics().text());
    }

    private Handler guarded(String route, Endpoint endpoint) {
        return open(route, exchange -> {
            access.require(exchange);
            endpoint.answer(exchange);
        });
    }

    private Handler open(String route, Endpoint endpoint) {
        return (request, response) -> {
            Exchange exchange = new Exchange(request, response, decodes.metrics(), options.maxBody(), folder);
            String failure = "";
            boolean gone = false;
            try {
                endpoint.answer(exchange);
            } catch (IOException | RuntimeException | Error e) {
                gone = exchange.isGone();
                failure = gone ? "The client went away." : Failures.problem(e).getMessage();
                answer(exchange, e);
            } finally {
                int status = gone || !exchange.isStarted() ? RequestLog.GONE : exchange.status();
                decodes.metrics().request(route, status, exchange.seconds());
                log.line(exchange, status, failure);
                Client.current().move();
            }
        };
    }

    /** Answers with the error if no reply has begun; otherwise the connection ends in the middle of the reply. */
    private static void answer(Exchange exchange, Throwable thrown) {
        if (exchange.isStarted() || exchange.isGone())
            throw new CloseConnectionException("the reply ends here", thrown);
        Thread.interrupted(); // with the flag set nothing could be written
        exchange.problem(Failures.problem(thrown));
    }

    /**
     * Stops listening, waits for running requests at most for the grace period, cancels the rest, and frees everything.
     * The connection of a cancelled request ends.
     */
    @Override
    public void close() {
        if (ending) return;
        ending = true;
        long start = System.nanoTime();
        http.stop();
        try {
            Duration left = options.grace().minus(Duration.ofNanos(System.nanoTime() - start));
            jobs.end(left);
            jobs.close();
            models.close();
            workers.close();
            warming.join();
            results.close();
            deleteFolder();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepest = files.sorted((a, b) -> b.compareTo(a)).toList();
            for (Path file : deepest) Files.deleteIfExists(file);
        }
    }
}
