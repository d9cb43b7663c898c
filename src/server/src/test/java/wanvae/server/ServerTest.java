package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.WanVae;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.latent.LatentShape;

/** Many clients, slow ones, and such that go away; memory, the end of a server, and TLS. */
class ServerTest {
    private static final long GIB = 1 << 30;
    /** Latents whose reply as float32 is larger than what sockets hold. */
    private static final LatentShape LARGE = new LatentShape(1, 16, 5, 32, 32);

    private static final String LARGE_QUERY =
            "/?output_type=pt&dtype=float32&shape=1&shape=16&shape=5&shape=32&shape=32";
    private static final String SMALL_QUERY = "/?output_type=pt&dtype=float32&shape=1&shape=16&shape=2&shape=2";

    @TempDir
    static Path folder;

    private static byte[] large() {
        return new byte[(int) (4 * LARGE.elements())];
    }

    private static byte[] small() {
        return new byte[4 * 16 * 2 * 2];
    }

    /** A client that sends a request and reads nothing of the reply. */
    private static Socket silent(Served served, String query, byte[] body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.server.port());
        String head = "POST " + query + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        return socket;
    }

    private static void await(BooleanSupplier condition, int seconds) throws InterruptedException {
        for (int i = 0; i < 20 * seconds && !condition.getAsBoolean(); i++) Thread.sleep(50);
        assertTrue(condition.getAsBoolean());
    }

    private static double metric(Served served, String name) {
        try {
            return Served.text(served.get("/metrics"))
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Two that read nothing keep the others waiting; when they go away, their turn comes at once. */
    @Test
    void clientsThatGoAwayMakeRoom() throws Exception {
        try (Served served = Served.start(folder, options -> Options.withLimits(options, 1, 2 * GIB, 1))) {
            served.awaitReady();
            Socket first = silent(served, LARGE_QUERY, large()), second = silent(served, LARGE_QUERY, large());
            await(() -> metric(served, "inf_batch_current_size") == 2, 30);
            await(() -> metric(served, "wanvae_memory_planned_bytes") > 0, 30);
            CompletableFuture<HttpResponse<byte[]>> third = CompletableFuture.supplyAsync(() -> {
                try {
                    return served.post(SMALL_QUERY, small());
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            await(() -> metric(served, "inf_queue_size") == 1, 30);
            HttpResponse<byte[]> fourth = served.post(SMALL_QUERY, small());
            assertTrue(Served.assertProblem(503, fourth).contains("busy"));
            assertTrue(Integer.parseInt(Served.header(fourth, "Retry-After")) > 0);
            first.close();
            second.close();
            assertEquals(200, third.get(30, TimeUnit.SECONDS).statusCode());
            long start = System.nanoTime();
            await(() -> metric(served, "wanvae_memory_planned_bytes") == 0, 30);
            assertTrue(System.nanoTime() - start < 2e9);
            assertTrue(served.log.toString(StandardCharsets.UTF_8).contains(" 499 "));
        }
    }

    @Test
    void clientsThatNeitherSendNorReadAreGivenUp() throws Exception {
        try (Served served = Served.start(
                folder, options -> Options.withTimes(options, Duration.ofSeconds(1), Duration.ofSeconds(20)))) {
            served.awaitReady();
            Socket reading = silent(served, LARGE_QUERY, large());
            Socket sending = new Socket(InetAddress.getLoopbackAddress(), served.server.port());
            sending.getOutputStream()
                    .write(("POST " + SMALL_QUERY + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 256\r\n\r\nabc")
                            .getBytes(StandardCharsets.US_ASCII));
            Socket idle = new Socket(InetAddress.getLoopbackAddress(), served.server.port());
            for (Socket socket : List.of(sending, idle)) {
                socket.setSoTimeout(20_000);
                socket.getInputStream().readAllBytes(); // returns: the connection has ended
                socket.close();
            }
            await(() -> metric(served, "inf_batch_current_size") == 0, 20);
            reading.close();
            assertEquals(0, metric(served, "wanvae_memory_planned_bytes"));
        }
    }

    @Test
    void whatNeverFitsIsRefusedAtOnce() throws Exception {
        try (WanVae vae = WanVae.open(Served.wan(folder))) {
            DecodePlan plan = vae.plan(LARGE, DecodeOptions.DEFAULT);
            long memory = plan.memory() - plan.own() + (1 << 20);
            IOException none = assertThrows(
                    IOException.class,
                    () -> Served.start(folder, options -> Options.withLimits(options, 1, 1 << 20, 1)));
            assertTrue(none.getMessage().contains("at least"), none.getMessage());
            LatentShape larger = new LatentShape(1, 16, 5, 128, 128);
            long enough = vae.plan(LARGE, DecodeOptions.DEFAULT.withMemoryLimitBytes(memory))
                    .memory();
            try (Served served =
                    Served.start(folder, options -> Options.withLimits(options, 1, enough + (8 << 20), 1))) {
                String sentence = Served.assertProblem(
                        413,
                        served.post(
                                "/?output_type=pt&dtype=float32&shape=1&shape=16&shape=5&shape=128&shape=128",
                                new byte[(int) (4 * larger.elements())]));
                assertTrue(sentence.contains("takes at least"), sentence);
                assertEquals(200, served.post(SMALL_QUERY, small()).statusCode());
            }
        }
    }

    /** What runs is finished, new clients are refused, and no thread is left. */
    @Test
    void anEndWithoutLoss() throws Exception {
        Served served = Served.start(folder);
        served.awaitReady();
        CompletableFuture<HttpResponse<byte[]>> running = CompletableFuture.supplyAsync(() -> {
            try {
                return served.post(LARGE_QUERY, large());
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        await(() -> metric(served, "inf_batch_current_size") == 1, 30);
        int port = served.server.port();
        served.server.close();
        assertEquals(17 * 3 * 256 * 256 * 4, running.get(30, TimeUnit.SECONDS).body().length);
        assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
        served.close();
        for (Thread thread : Thread.getAllStackTraces().keySet())
            assertTrue(!thread.getName().startsWith("wanvae-"), thread.getName());
        assertEquals(0, folder.toFile().list((where, name) -> name.startsWith("wanvae-")).length);
    }

    /** A client that reads nothing does not hold the end up longer than the grace. */
    @Test
    void anEndWithinTheGrace() throws Exception {
        Served served = Served.start(
                folder, options -> Options.withTimes(options, Duration.ofSeconds(60), Duration.ofSeconds(1)));
        served.awaitReady();
        Socket client = silent(served, LARGE_QUERY, large());
        await(() -> metric(served, "wanvae_memory_planned_bytes") > 0, 30);
        long start = System.nanoTime();
        served.close();
        assertTrue(System.nanoTime() - start < 10e9);
        client.close();
    }

    @Test
    void aSecondServerAtTheSamePort() throws Exception {
        try (Served served = Served.start(folder)) {
            ServeOptions taken = Options.withPort(Served.options(folder), served.server.port());
            IOException e =
                    assertThrows(IOException.class, () -> Server.start(taken, new RequestLog(System.err, false)));
            assertTrue(e.getMessage().contains("cannot listen at 127.0.0.1"), e.getMessage());
        }
    }

    @Test
    void severalModels() throws Exception {
        Path vae = Served.wan(folder);
        try (Served served = Served.start(folder, options -> Options.withWeights(options, List.of(vae, vae)))) {
            String sentence = Served.assertProblem(400, served.post(SMALL_QUERY, small()));
            assertTrue(sentence.contains("tiny, tiny-2"), sentence);
            assertArrayEquals(
                    served.post(SMALL_QUERY + "&model=tiny", small()).body(),
                    served.post(SMALL_QUERY + "&model=tiny-2", small()).body());
        }
    }

    @Test
    void overTls() throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "secret",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1,dns:localhost")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, keytool.waitFor());
        KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        Path key = pem("PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded());
        Path certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("a", keys.getCertificate("a"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        try (Served served = Served.start(folder, options -> Options.withTls(options, certificate, key));
                HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            for (String query : List.of(SMALL_QUERY, LARGE_QUERY)) {
                byte[] body = query.equals(SMALL_QUERY) ? small() : large();
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("https://127.0.0.1:" + served.server.port() + query))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
                HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                assertEquals(200, response.statusCode());
                assertEquals(
                        query.equals(SMALL_QUERY) ? 3 * 16 * 16 * 4 : 17 * 3 * 256 * 256 * 4, response.body().length);
            }
        }
    }

    private static Path pem(String kind, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                folder.resolve(kind.replace(' ', '-') + ".pem"),
                "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
