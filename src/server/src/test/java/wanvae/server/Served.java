package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;

/** A server with a small generated VAE, and a client of it. */
final class Served implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    static {
        HELIDON.setLevel(Level.OFF);
    }

    final Server server;
    final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    private Served(ServeOptions options) throws IOException {
        server = Server.start(options, new RequestLog(new PrintStream(log, true, StandardCharsets.UTF_8), false));
    }

    /** Wan 2.1's network with few channels, of random weights. */
    static Path wan(Path folder) throws IOException {
        WanConfig wan = WanConfig.WAN_2_1;
        WanConfig small = new WanConfig(
                wan.className(),
                4,
                wan.zDim(),
                wan.dimMult(),
                1,
                wan.temporalUpsample(),
                wan.latentsMean(),
                wan.latentsStd(),
                wan.isResidual(),
                wan.outChannels(),
                wan.patchSize());
        Path vae = folder.resolve("tiny").resolve("vae");
        if (!Files.exists(vae)) GeneratedVae.writeVae(small, 1, DType.F32, vae);
        return vae;
    }

    static Served start(Path folder, UnaryOperator<ServeOptions> change) throws IOException {
        return new Served(change.apply(options(folder)));
    }

    static Served start(Path folder) throws IOException {
        return start(folder, options -> options);
    }

    static ServeOptions options(Path folder) throws IOException {
        return new ServeOptions(
                List.of(wan(folder)),
                Optional.empty(),
                false,
                "127.0.0.1",
                0,
                2,
                OptionalLong.empty(),
                16,
                1 << 24,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofHours(1),
                folder);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(PATIENCE);
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<byte[]> post(String path, byte[] body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The scalars of a flat JSON object, as texts. */
    static Map<String, String> json(byte[] body) throws IOException {
        var values = new HashMap<String, String>();
        try (JsonParser parser = new JsonFactory().createParser(body)) {
            assertEquals(JsonToken.START_OBJECT, parser.nextToken());
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) values.put(name, parser.getText());
                else parser.skipChildren();
            }
            assertEquals(null, parser.nextToken());
        }
        return values;
    }

    /** That a reply is a refusal in one sentence. @return the sentence */
    static String assertProblem(int status, HttpResponse<byte[]> response) throws IOException {
        assertEquals(status, response.statusCode(), text(response));
        assertEquals("application/json", header(response, "Content-Type"));
        String sentence = json(response.body()).get("error");
        assertTrue(sentence.endsWith(".") && !sentence.contains("Internal error"), sentence);
        return sentence;
    }

    void awaitReady() throws InterruptedException {
        for (int i = 0; !server.isReady() && i < 600; i++) Thread.sleep(100);
        assertTrue(server.isReady(), () -> log.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
