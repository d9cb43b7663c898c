package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;

/** The packaged program as an operator starts it, ends it and kills it. */
class ServeIT {
    private static final Path LAUNCHER = Path.of("../../scripts/wanvae").toAbsolutePath();
    private static final Pattern ADDRESS = Pattern.compile("listening at (http://\\S+)/ ");

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "serve", "-w"));
        command.addAll(List.of(Served.wan(folder).toString(), "--port", "0"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        started.add(process);
        return process;
    }

    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : started) process.destroyForcibly().waitFor();
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private String awaitReady(Process process) throws Exception {
        for (int i = 0; i < 1200 && process.isAlive() && !said().contains("ready."); i++) Thread.sleep(100);
        Matcher address = ADDRESS.matcher(said());
        assertTrue(address.find() && said().contains("ready."), said());
        return address.group(1);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void servesAndEndsWell() throws Exception {
        Process process = start("--log", "json", "--grace", "5", "--temp-dir", folder.toString());
        String address = awaitReady(process);
        assertEquals(
                "Ok",
                send(HttpRequest.newBuilder(URI.create(address + "/health"))).body());
        process.destroy();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
        assertEquals(0, process.exitValue(), said());
        assertEquals("", Files.readString(folder.resolve("out")));
        for (String line : said().lines().toList()) assertTrue(line.startsWith("{\"time\":"), line);
        assertTrue(said().contains("\"path\":\"/health\",\"status\":200"), said());
        assertEquals(0, folder.toFile().list((where, name) -> name.startsWith("wanvae-")).length);
    }

    /** Of a killed server nothing is left but results that are whole; the next one serves them. */
    @Test
    void isKilledInTheMiddleOfAJob() throws Exception {
        Path results = folder.resolve("results"), latents = folder.resolve("latents.safetensors");
        GeneratedVae.writeLatents(new LatentShape(1, 16, 1, 4, 4), 1, latents);
        Process process = start("--results", results.toString());
        String address = awaitReady(process);
        HttpRequest.Builder job = HttpRequest.newBuilder(URI.create(address + "/v1/jobs?format=png"))
                .POST(HttpRequest.BodyPublishers.ofFile(latents));
        String location = send(job).headers().firstValue("Location").orElseThrow();
        send(HttpRequest.newBuilder(URI.create(address + location + "/events")));
        GeneratedVae.writeLatents(new LatentShape(1, 16, 21, 48, 48), 1, latents);
        send(HttpRequest.newBuilder(URI.create(address + "/v1/jobs?format=y4m"))
                .POST(HttpRequest.BodyPublishers.ofFile(latents)));
        for (int i = 0; i < 600 && parts(results).isEmpty(); i++) Thread.sleep(50);
        assertFalse(parts(results).isEmpty(), said());
        process.destroyForcibly().waitFor();
        // The launcher has become the JVM, so it is the one that was killed.
        Process next = start("--results", results.toString());
        String again = awaitReady(next);
        assertEquals(List.of(), parts(results));
        assertEquals(
                200,
                send(HttpRequest.newBuilder(URI.create(again + location + "/result")))
                        .statusCode());
        next.destroy();
        assertTrue(next.waitFor(60, TimeUnit.SECONDS), "still running");
        assertEquals(0, next.exitValue());
    }

    private static List<Path> parts(Path results) throws IOException {
        try (Stream<Path> files = Files.list(results)) {
            return files.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    @Test
    void anOpenDoorIsTold() throws Exception {
        awaitReady(start("--host", "0.0.0.0"));
        for (int i = 0; i < 50 && !said().contains("--token-file"); i++) Thread.sleep(100);
        assertTrue(said().contains("--token-file restricts it."), said());
    }

    @Test
    void wrongCommandLines() throws Exception {
        for (String[] options : new String[][] {{"--port", "70000"}, {"--tls-cert", "a.pem"}, {"--queue", "-1"}}) {
            Process process = start(options);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
            assertEquals(2, process.exitValue(), said());
            assertEquals(1, said().lines().count(), said());
        }
    }
}
