package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.WanVae;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.video.picture.Rgb;

/** Many requests at once, sound ones, broken ones and such that nobody waits for. */
class LoadTest {
    private static final long THREE_GB = 3L << 30;

    @TempDir
    static Path folder;

    /** A sound request and the reply that a lone decode gives. */
    private record Sound(String query, byte[] body, byte[] reply) {
        static Sound of(WanVae vae, LatentShape shape) throws IOException {
            Latents latents = GeneratedWeights.latents(shape, 5);
            float[] values = latents.values().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            ByteBuffer body = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            body.asFloatBuffer().put(values);
            var reply = new ByteArrayOutputStream();
            vae.decode(
                    latents.raw(),
                    (member, index, frame) -> reply.write(Rgb.of(frame).bytes()));
            return new Sound(
                    "/?output_type=pt&partial_postprocess=True&dtype=float32&shape=%d&shape=%d&shape=%d&shape=%d&shape=%d"
                            .formatted(shape.batch(), shape.channels(), shape.frames(), shape.height(), shape.width()),
                    body.array(),
                    reply.toByteArray());
        }
    }

    private static List<Sound> sounds() throws IOException {
        try (WanVae vae = WanVae.open(Served.wan(folder))) {
            var sounds = new ArrayList<Sound>();
            for (LatentShape shape : List.of(
                    new LatentShape(1, 16, 1, 2, 2),
                    new LatentShape(1, 16, 2, 3, 5),
                    new LatentShape(2, 16, 1, 7, 4),
                    new LatentShape(1, 16, 3, 8, 8))) sounds.add(Sound.of(vae, shape));
            return sounds;
        }
    }

    @Test
    void aHundredRequestsOfSixteenClients() throws Exception {
        load(100, 16);
    }

    @Test
    @Tag("slow")
    void aThousandRequestsOfSixtyFourClients() throws Exception {
        load(1000, 64);
    }

    private void load(int requests, int clients) throws Exception {
        List<Sound> sounds = sounds();
        Served served = Served.start(folder, options -> Options.withLimits(options, 2, THREE_GB, 2 * clients));
        try (ExecutorService pool = Executors.newFixedThreadPool(clients)) {
            served.awaitReady();
            var all = new ArrayList<Future<?>>();
            for (int i = 0; i < requests; i++) {
                int number = i;
                all.add(pool.submit(() -> {
                    request(served, sounds.get(number % sounds.size()), number);
                    return null;
                }));
            }
            for (Future<?> one : all) one.get(300, TimeUnit.SECONDS);
            for (int i = 0; i < 100 && served.server.isBusy(); i++) Thread.sleep(50);
            assertFalse(served.server.isBusy(), "somebody still works or waits");
        } finally {
            served.close();
        }
        for (Thread thread : Thread.getAllStackTraces().keySet())
            assertFalse(thread.getName().startsWith("wanvae-"), thread.getName());
    }

    /** Of ten requests, six are sound, three broken, and of one the client goes away. */
    private static void request(Served served, Sound sound, int number) throws Exception {
        switch (number % 10) {
            case 3 -> Served.assertProblem(400, served.post(sound.query() + "&shape=2", sound.body()));
            case 5 ->
                Served.assertProblem(
                        400, served.post(sound.query(), Arrays.copyOf(sound.body(), sound.body().length - 4)));
            case 7 -> Served.assertProblem(400, served.post("/v1/decode", sound.body()));
            case 9 -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.server.port())) {
                    socket.getOutputStream().write(head(sound));
                    socket.getOutputStream().write(sound.body());
                }
            }
            default -> {
                HttpResponse<byte[]> response = served.post(sound.query(), sound.body());
                assertEquals(200, response.statusCode(), Served.text(response));
                assertArrayEquals(sound.reply(), response.body());
            }
        }
    }

    private static byte[] head(Sound sound) {
        return ("POST " + sound.query() + " HTTP/1.1\r\nHost: localhost\r\nAccept: tensor/binary\r\nContent-Length: "
                        + sound.body().length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void mutatedRequests() throws Exception {
        mutate(1000);
    }

    @Test
    @Tag("slow")
    void tenThousandMutatedRequests() throws Exception {
        mutate(10_000);
    }

    /** Whatever comes, the answer is no failure of the server's, and it comes. */
    private void mutate(int requests) throws Exception {
        Sound sound = sounds().getFirst();
        byte[] json = "{\"inputs\": \"AAAA\", \"parameters\": {\"shape\": [1, 2], \"dtype\": \"float16\"}}"
                .getBytes(StandardCharsets.US_ASCII);
        byte[][] originals = {
            concat(head(sound), sound.body()),
            concat(
                    ("POST /v1/decode?format=gif&tile=true&fps=12&quality=5 HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Length: " + sound.body().length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII),
                    sound.body()),
            concat(
                    ("POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: tensor/base64\r\nContent-Length: "
                                    + json.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII),
                    json),
            "GET /v1/jobs/0123/result HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-10\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII),
        };
        Random random = new Random(24);
        try (Served served = Served.start(
                folder, options -> Options.withTimes(options, Duration.ofSeconds(2), Duration.ofSeconds(20)))) {
            served.awaitReady();
            for (int i = 0; i < requests; i++) {
                byte[] request = mutated(originals[i % originals.length], random);
                String status = answer(served, request);
                assertTrue(
                        status.isEmpty()
                                || status.startsWith("HTTP/1.1 2")
                                || status.startsWith("HTTP/1.1 4")
                                || status.startsWith("HTTP/1.1 501")
                                || status.startsWith("HTTP/1.1 505"),
                        () -> status + "\n" + new String(request, StandardCharsets.ISO_8859_1));
            }
            assertEquals(200, served.post(sound.query(), sound.body()).statusCode());
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** A few bytes of the head changed, left out or doubled, or the end cut off. */
    private static byte[] mutated(byte[] original, Random random) {
        byte[] bytes = original.clone();
        int head = new String(original, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        for (int n = 1 + random.nextInt(3); n > 0 && bytes.length > 1; n--) {
            int at = random.nextInt(random.nextInt(8) == 0 ? bytes.length : Math.min(head, bytes.length));
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "0123456789-&=%?/.: ".charAt(random.nextInt(19));
                case 2 -> bytes = concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
                case 3 -> bytes = concat(Arrays.copyOf(bytes, at + 1), Arrays.copyOfRange(bytes, at, bytes.length));
                default -> bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at + 1) : bytes;
            }
        }
        return bytes;
    }

    /** The first line of the reply; empty if the connection just ended. */
    private static String answer(Served served, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.server.port())) {
            socket.setSoTimeout(30_000);
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
                byte[] reply = socket.getInputStream().readAllBytes();
                return new String(reply, StandardCharsets.ISO_8859_1)
                        .lines()
                        .findFirst()
                        .orElse("");
            } catch (SocketException e) {
                return ""; // it was closed while we wrote or read
            }
        }
    }
}
