package wanvae.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import wanvae.server.Metrics.Phase;

/** One request and its reply. For use by one thread at a time. */
final class Exchange {
    private final ServerRequest request;
    private final ServerResponse response;
    private final Client client = Client.current();
    private final Metrics metrics;
    private final long maxBody;
    private final Path folder;
    private final long begun = System.nanoTime();
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private Counting stream;
    private int status;
    private long received, sent;

    /**
     * @param maxBody the largest body, in bytes
     * @param folder  where bodies are stored
     */
    Exchange(ServerRequest request, ServerResponse response, Metrics metrics, long maxBody, Path folder) {
        this.request = request;
        this.response = response;
        this.metrics = metrics;
        this.maxBody = maxBody;
        this.folder = folder;
        client.move();
    }

    // The request.

    String method() {
        return request.prologue().method().text();
    }

    String path() {
        return request.path().rawPath();
    }

    /** The part of the path that matches a route's parameter. */
    String part(String name) {
        return request.path().pathParameters().get(name);
    }

    Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    Query query() {
        return new Query(request.query().toMap());
    }

    String clientAddress() {
        return client.address();
    }

    /** Whether the client has disconnected; reliable once the body has been read. */
    boolean isGone() {
        return client.isGone();
    }

    /** The size of the body in bytes, if the client has announced it. */
    OptionalLong length() {
        return request.headers().contentLength();
    }

    /**
     * Reads the body. Afterwards the client waits for the reply: it may wait without a limit, and a disconnect is
     * noticed.
     *
     * @throws Problem if the body is too large; if the client has announced its size, it is not read
     */
    Body body() throws IOException {
        long start = System.nanoTime();
        if (length().orElse(0) > maxBody) throw Body.tooLarge(maxBody);
        Body body = Body.read(request.content().inputStream(), maxBody, folder, client::move);
        received = body.size();
        metrics.received(received);
        metrics.phase(Phase.BODY, (System.nanoTime() - start) / 1e9);
        watch();
        return body;
    }

    /** From this call on, the client waits for the reply and sends nothing more. */
    void watch() {
        client.watch();
        response.header(HeaderValues.CONNECTION_CLOSE);
    }

    // The reply.

    /** Adds a header to the reply. */
    void header(String name, String value) {
        response.header(HeaderNames.create(name), value);
    }

    boolean isStarted() {
        return status != 0;
    }

    int status() {
        return status;
    }

    /**
     * Begins the reply, whose bytes follow.
     *
     * @param length the number of bytes that will follow, or -1 if they are to be sent in chunks
     */
    OutputStream stream(int status, String type, long length) {
        begin(status, type);
        if (length >= 0) response.header(HeaderValues.create(HeaderNames.CONTENT_LENGTH, Long.toString(length)));
        stream = new Counting(response.outputStream());
        return stream;
    }

    /** Replies with these bytes. */
    void reply(int status, String type, byte[] body) {
        begin(status, type);
        client.move();
        response.send(body);
        sent = body.length;
        metrics.sent(sent);
        client.move();
    }

    void reply(int status, String type, String body) {
        reply(status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    void json(int status, Json.Fields fields) {
        reply(status, Json.TYPE, Json.object(fields));
    }

    /** Replies with an error. A body that was not read stays unread. */
    void problem(Problem problem) {
        problem.retrySeconds().ifPresent(seconds -> header("Retry-After", Integer.toString(seconds)));
        if (request.content().hasEntity() && !request.content().consumed()) {
            client.refuse();
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        json(problem.status(), json -> json.writeStringField("error", problem.getMessage()));
    }

    private void begin(int status, String type) {
        this.status = status;
        response.status(Status.create(status));
        if (!type.isEmpty()) header("Content-Type", type);
        header("X-Content-Type-Options", "nosniff");
        header("Referrer-Policy", "no-referrer");
        header("X-Frame-Options", "DENY");
        if (!response.headers().contains(HeaderNames.CACHE_CONTROL)) header("Cache-Control", "no-store");
    }

    // The log.

    /** Adds a fact to this request's line in the log. */
    void fact(String name, Object value) {
        facts.put(name, value);
    }

    Map<String, Object> facts() {
        return facts;
    }

    long receivedBytes() {
        return received;
    }

    long sentBytes() {
        return stream == null ? sent : stream.bytes;
    }

    double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }

    /**
     * Counts bytes and tells the {@link Client} who waits for whom: the server for the client while a piece is written,
     * the client for the server between two pieces.
     */
    private final class Counting extends OutputStream {
        private final OutputStream out;
        private volatile long bytes;

        Counting(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            client.move();
            out.write(source, offset, length);
            bytes += length;
            metrics.sent(length);
            client.await();
        }

        @Override
        public void flush() throws IOException {
            client.move();
            out.flush();
            client.await();
        }
    }
}
