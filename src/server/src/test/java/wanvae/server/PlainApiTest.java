package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import wanvae.WanVae;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.latent.Latents;
import wanvae.video.FragmentedMp4Writer;
import wanvae.video.Mp4Options;
import wanvae.video.OutputOptions;
import wanvae.video.VideoOutput;

/** Files of latents in, files of video out; jobs; who may, and what is refused. */
class PlainApiTest {
    @TempDir
    static Path folder;

    private static Served served;
    private static byte[] clip, picture, batch;

    @TempDir
    Path own;

    @BeforeAll
    static void start() throws IOException {
        served = Served.start(folder);
        clip = latents(new LatentShape(1, 16, 2, 4, 5));
        picture = latents(new LatentShape(1, 16, 1, 4, 5));
        batch = latents(new LatentShape(2, 16, 1, 2, 2));
    }

    private static byte[] latents(LatentShape shape) throws IOException {
        Path file = folder.resolve("latents.safetensors");
        GeneratedVae.writeLatents(shape, 3, file);
        return Files.readAllBytes(file);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private Latents read(byte[] file) throws IOException {
        return Latents.read(Files.write(own.resolve("latents.safetensors"), file));
    }

    /** Every format has the bytes that the command line writes. */
    @ParameterizedTest
    @EnumSource(
            value = OutputFormat.class,
            names = {"MP4"},
            mode = EnumSource.Mode.EXCLUDE)
    void aFileOfEachKind(OutputFormat format) throws Exception {
        byte[] latents = format == OutputFormat.PNG ? picture : clip;
        HttpResponse<byte[]> response = served.post("/v1/decode?format=" + format.ending() + "&fps=12", latents);
        assertEquals(200, response.statusCode(), Served.text(response));
        assertEquals(format.mediaType(), Served.header(response, "Content-Type"));
        Path file = own.resolve("expected." + format.ending());
        try (WanVae vae = WanVae.open(Served.wan(folder));
                var sink = VideoOutput.open(file, OutputOptions.DEFAULT.withVideo(Mp4Options.DEFAULT.withFps(12)))) {
            vae.decode(read(latents), sink);
        }
        byte[] expected = Files.readAllBytes(file);
        if (format == OutputFormat.MOV) assertEquals(expected.length, response.body().length); // it has the time in it
        else assertArrayEquals(expected, response.body());
    }

    @Test
    void aStreamOfMp4() throws Exception {
        HttpResponse<byte[]> response = served.post("/v1/decode?quality=7", clip);
        assertEquals("video/mp4", Served.header(response, "Content-Type"));
        var expected = new ByteArrayOutputStream();
        try (WanVae vae = WanVae.open(Served.wan(folder));
                var mp4 = FragmentedMp4Writer.to(expected, Mp4Options.DEFAULT.withQuality(7))) {
            vae.decode(read(clip), mp4);
        }
        assertArrayEquals(expected.toByteArray(), response.body());
    }

    @Test
    void aBatchIsOneTensorOrNothing() throws Exception {
        assertTrue(Served.assertProblem(400, served.post("/v1/decode", batch)).contains("batch of 2"));
        assertEquals(200, served.post("/v1/decode?format=npy", batch).statusCode());
        assertTrue(Served.assertProblem(400, served.post("/v1/decode?format=png", clip))
                .contains("5"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format=avi|mp4, gif, apng, png, y4m",
                "fps=0|frame rate",
                "fps=1/1001|parameter fps: a frame rate is at least 0.001",
                "quality=11|0 to 10",
                "quality=NaN|finite",
                "tile=5|HEIGHTxWIDTH",
                "tile=20x20:20x20|multiples of 8",
                "tile=24x24:32x32|HEIGHTxWIDTH",
                "latents=cooked|normalized",
                "axes=xyz|axes",
                "model=other|no such model",
                "key=other|has no tensor"
            })
    void whatIsWrongIsASentence(String query, String sentence) throws Exception {
        assertTrue(Served.assertProblem(400, served.post("/v1/decode?" + query, clip))
                .contains(sentence));
    }

    @Test
    void bodiesThatAreNoLatents() throws Exception {
        for (byte[] body : new byte[][] {
            {}, {1, 2, 3}, "hello".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(clip, clip.length / 2)
        })
            for (String path : List.of("/v1/decode", "/v1/preview", "/v1/plan", "/v1/jobs"))
                Served.assertProblem(400, served.post(path, body));
    }

    @Test
    void aPreviewAndAPlan() throws Exception {
        assertEquals(200, served.post("/v1/decode?format=y4m&fps=1/1000", clip).statusCode());
        String slow = Served.assertProblem(400, served.post("/v1/preview?fps=1/1000", clip));
        assertTrue(slow.contains("at least 0.001, not 1/4000"), slow);
        HttpResponse<byte[]> preview = served.post("/v1/preview?format=png&scale=4", picture);
        assertEquals(20, ImageIO.read(new ByteArrayInputStream(preview.body())).getWidth());
        assertEquals("image/apng", Served.header(served.post("/v1/preview", clip), "Content-Type"));
        Map<String, String> plan = Served.json(served.post("/v1/plan", clip).body());
        assertEquals("5", plan.get("frames"));
        assertEquals("40", plan.get("width"));
        assertEquals("true", plan.get("fits"));
        assertEquals("tiny", plan.get("model"));
        assertTrue(Long.parseLong(plan.get("memory")) > 0);
    }

    /** There and back; a file that is encoded is what the encoder makes of its frames. */
    @Test
    void frames() throws Exception {
        byte[] y4m = served.post("/v1/decode?format=y4m", clip).body();
        for (String format : List.of("safetensors", "npy", "pt")) {
            HttpResponse<byte[]> response = served.post("/v1/encode?format=" + format, y4m);
            assertEquals(200, response.statusCode(), Served.text(response));
            Path file = Files.write(own.resolve("latents." + format), response.body());
            assertEquals(new LatentShape(1, 16, 2, 4, 5), Latents.read(file).shape());
        }
        String job = Served.header(served.post("/v1/jobs", clip), "Location");
        served.get(job + "/events");
        for (byte[] video : List.of(
                served.get(job + "/result").body(),
                served.post("/v1/decode?format=gif", clip).body())) {
            HttpResponse<byte[]> response = served.post("/v1/encode?format=npy&fit=crop", video);
            assertEquals(200, response.statusCode(), Served.text(response));
            Path file = Files.write(own.resolve("video.npy"), response.body());
            assertEquals(2, Latents.read(file).shape().frames());
        }
        Path one = Files.write(
                own.resolve("one.npy"),
                served.post("/v1/encode?format=npy&frames=1&size=16x24&fit=crop&latents=raw", y4m)
                        .body());
        assertEquals(new LatentShape(1, 16, 1, 3, 2), Latents.read(one).shape());
        Served.assertProblem(400, served.post("/v1/encode?size=16x", y4m));
        Served.assertProblem(400, served.post("/v1/encode?start=-1", y4m));
        Served.assertProblem(400, served.post("/v1/encode?fit=stretch", y4m));
        assertTrue(Served.assertProblem(400, served.post("/v1/encode", new byte[9]))
                .startsWith("The request's body"));
    }

    /** Whatever the description names is there, and takes what it says. */
    @Test
    void theDescriptionIsTrue() throws Exception {
        var described = new ArrayList<String>();
        try (JsonParser parser =
                Json.FACTORY.createParser(served.get("/openapi.json").body())) {
            String path = "";
            for (int depth = 0; parser.nextToken() != null; ) {
                if (parser.currentToken().isStructStart()) depth++;
                else if (parser.currentToken().isStructEnd()) depth--;
                if (parser.currentToken() != JsonToken.FIELD_NAME) continue;
                String name = parser.currentName();
                if (depth == 2 && name.startsWith("/")) path = name;
                else if (depth == 3
                        && !path.isEmpty()
                        && List.of("get", "post", "delete").contains(name))
                    described.add(name.toUpperCase(Locale.ROOT) + " " + path.replace("{id}", "none"));
            }
        }
        assertTrue(described.size() > 15, described.toString());
        for (String one : described) {
            String[] parts = one.split(" ");
            HttpResponse<byte[]> response = served.send(served.request(parts[1])
                    .method(
                            parts[0],
                            parts[0].equals("POST")
                                    ? HttpRequest.BodyPublishers.ofByteArray(new byte[1])
                                    : HttpRequest.BodyPublishers.noBody()));
            assertFalse(response.statusCode() == 405, one);
            assertFalse(Served.text(response).contains("nothing here"), one);
        }
    }

    @Test
    void whatThereIs() throws Exception {
        served.awaitReady();
        assertEquals("Ok", Served.text(served.get("/health")));
        assertEquals("Ok", Served.text(served.get("/")));
        HttpResponse<byte[]> page = served.send(served.request("/").header("Accept", "text/html,*/*"));
        assertTrue(Served.text(page).startsWith("<!doctype html>"));
        assertEquals("nosniff", Served.header(page, "X-Content-Type-Options"));
        assertTrue(Served.header(page, "Content-Security-Policy").startsWith("default-src 'none'"));
        assertEquals(200, served.get("/openapi.json").statusCode());
        served.post("/v1/decode", clip);
        String metrics = Served.text(served.get("/metrics"));
        for (String line : List.of("inf_batch_current_size 0", "inf_queue_size 0", "wanvae_memory_planned_bytes 0"))
            assertTrue(metrics.contains("\n" + line), metrics);
        assertTrue(metrics.contains("wanvae_requests_total{route=\"/v1/decode\",status=\"200\"}"), metrics);
        assertTrue(served.log.toString(StandardCharsets.UTF_8).contains("POST /v1/decode 200"));
        Served.assertProblem(404, served.get("/nothing"));
        Served.assertProblem(405, served.get("/v1/decode"));
        assertEquals("GET", Served.header(served.post("/health", clip), "Allow"));
    }

    @Test
    void aJobFromBeginningToEnd() throws Exception {
        HttpResponse<byte[]> begun = served.post("/v1/jobs?format=mp4", clip);
        assertEquals(202, begun.statusCode(), Served.text(begun));
        String path = Served.header(begun, "Location");
        String events = Served.text(served.get(path + "/events"));
        String last = events.substring(events.lastIndexOf("data: ") + 6).strip();
        Map<String, String> done = Served.json(last.getBytes(StandardCharsets.UTF_8));
        assertEquals("done", done.get("state"), events);
        assertEquals("5", done.get("frames"));
        assertEquals(done, Served.json(served.get(path).body()));
        HttpResponse<byte[]> whole = served.get(done.get("result"));
        assertEquals(200, whole.statusCode());
        assertEquals(Integer.parseInt(done.get("size")), whole.body().length);
        HttpResponse<byte[]> part =
                served.send(served.request(done.get("result")).header("Range", "bytes=10-19"));
        assertEquals(206, part.statusCode());
        assertEquals("bytes 10-19/" + whole.body().length, Served.header(part, "Content-Range"));
        assertArrayEquals(Arrays.copyOfRange(whole.body(), 10, 20), part.body());
        HttpResponse<byte[]> end =
                served.send(served.request(done.get("result")).header("Range", "bytes=-7"));
        assertEquals(7, end.body().length);
        Served.assertProblem(416, served.send(served.request(done.get("result")).header("Range", "bytes=99999999-")));
        assertTrue(Served.text(served.get("/v1/jobs")).contains(done.get("id")));
        assertEquals(204, served.send(served.request(path).DELETE()).statusCode());
        Served.assertProblem(404, served.get(path));
        Served.assertProblem(404, served.get(path + "/result"));
    }

    @Test
    void aJobThatCannotBeIsRefusedAtOnce() throws Exception {
        int before = Served.text(served.get("/v1/jobs")).split("\"id\"").length;
        assertTrue(Served.assertProblem(400, served.post("/v1/jobs", batch)).contains("batch of 2"));
        assertTrue(Served.assertProblem(400, served.post("/v1/jobs?format=png", clip))
                .contains("one frame"));
        byte[] foreign = latents(new LatentShape(1, 15, 1, 4, 4));
        assertTrue(Served.assertProblem(400, served.post("/v1/jobs", foreign)).contains("15 channels"));
        assertTrue(Served.assertProblem(400, served.post("/v1/jobs?model=tiny", foreign))
                .contains("15"));
        assertTrue(Served.assertProblem(400, served.post("/v1/jobs?key=other", clip))
                .contains("has no tensor"));
        assertEquals(before, Served.text(served.get("/v1/jobs")).split("\"id\"").length);
    }

    @Test
    void aJobThatFails() throws Exception {
        byte[] notFinite = clip.clone();
        Arrays.fill(notFinite, notFinite.length - 4, notFinite.length, (byte) 0xff);
        String path = Served.header(served.post("/v1/jobs", notFinite), "Location");
        served.get(path + "/events");
        Map<String, String> failed = Served.json(served.get(path).body());
        assertEquals("failed", failed.get("state"));
        assertTrue(failed.get("error").contains("not finite"));
        Served.assertProblem(409, served.get(path + "/result"));
    }

    @Test
    void aJobThatIsCancelled() throws Exception {
        byte[] large = latents(new LatentShape(1, 16, 21, 48, 48));
        String path = Served.header(served.post("/v1/jobs?format=y4m", large), "Location");
        for (int i = 0; i < 600; i++) {
            if (Served.json(served.get(path).body()).get("state").equals("running")) break;
            Thread.sleep(50);
        }
        assertEquals("running", Served.json(served.get(path).body()).get("state"));
        long start = System.nanoTime();
        assertEquals(204, served.send(served.request(path).DELETE()).statusCode());
        assertTrue(System.nanoTime() - start < 5e9);
        Served.assertProblem(404, served.get(path));
        assertFalse(served.server.isBusy());
    }

    @Test
    void resultsAreKeptForAWhile() throws Exception {
        Path results = own.resolve("results");
        String id = "0123456789abcdef0123456789abcdef";
        try (ResultStore store = ResultStore.open(Optional.of(results), own, Duration.ofHours(1))) {
            Files.write(store.file(id, OutputFormat.GIF), new byte[5]);
            Files.write(results.resolve("another.gif"), new byte[5]); // is none of ours
            assertEquals(List.of(), store.expire());
            assertEquals(5, store.find(id).orElseThrow().size());
            assertTrue(store.find("../" + id).isEmpty());
            assertThrows(IOException.class, () -> ResultStore.open(Optional.of(results), own, Duration.ZERO));
        }
        Files.setLastModifiedTime(
                results.resolve(id + ".gif"), FileTime.from(Instant.now().minusSeconds(7200)));
        try (ResultStore store = ResultStore.open(Optional.of(results), own, Duration.ofHours(1))) {
            assertEquals(List.of(id), store.expire());
            assertTrue(Files.exists(results.resolve("another.gif")));
        }
    }

    @Test
    void pagesOfOtherSitesAreRefused() throws Exception {
        Served.assertProblem(403, served.post("/v1/decode", clip, "Sec-Fetch-Site", "cross-site"));
        assertEquals(
                200,
                served.post("/v1/decode", clip, "Sec-Fetch-Site", "same-origin").statusCode());
    }

    @Test
    void resultsSurviveARestart() throws Exception {
        Path results = own.resolve("results");
        String path;
        byte[] result;
        try (Served first = Served.start(folder, options -> Options.withResults(options, results))) {
            path = Served.header(first.post("/v1/jobs?format=gif", clip), "Location");
            first.get(path + "/events");
            result = first.get(path + "/result").body();
            Files.write(results.resolve(".wanvae-1-2.part"), result); // of a server that was killed
        }
        try (Served second = Served.start(folder, options -> Options.withResults(options, results))) {
            assertEquals("done", Served.json(second.get(path).body()).get("state"));
            assertArrayEquals(result, second.get(path + "/result").body());
            assertFalse(Files.exists(results.resolve(".wanvae-1-2.part")));
            assertEquals(204, second.send(second.request(path).DELETE()).statusCode());
            assertEquals(1, results.toFile().list().length); // the lock
        }
    }

    @Test
    void aTokenIsAskedFor() throws Exception {
        try (Served guarded = Served.start(folder, options -> Options.withToken(options, "secret"))) {
            for (String path : List.of("/metrics", "/v1/models", "/v1/jobs"))
                Served.assertProblem(401, guarded.get(path));
            HttpResponse<byte[]> refused = guarded.post("/v1/decode", clip);
            Served.assertProblem(401, refused);
            assertEquals("Bearer", Served.header(refused, "WWW-Authenticate"));
            Served.assertProblem(401, guarded.post("/v1/decode", clip, "Authorization", "Bearer secre"));
            assertEquals(
                    200,
                    guarded.post("/v1/decode", clip, "Authorization", "Bearer secret")
                            .statusCode());
            assertEquals("Ok", Served.text(guarded.get("/")));
        }
    }

    @Test
    void tooMuchIsRefusedBeforeItIsRead() throws Exception {
        byte[] large = new byte[(1 << 24) + 1];
        assertTrue(Served.assertProblem(413, served.post("/v1/decode", large)).contains("16777216"));
        HttpResponse<byte[]> chunked = served.send(served.request("/v1/decode")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));
        assertTrue(Served.assertProblem(413, chunked).contains("16777216"));
    }
}
