package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Color;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.SignedPicture;

/** Plays our MP4 in a real browser, where one is installed, and looks at what it shows. */
class ChromiumTest {
    private static final int FRAMES = 8;
    /** Chromium shows nothing before it has decoded four frames, which takes a fifth one. */
    private static final int ENOUGH = 6;

    private static final VideoShape SHAPE = new VideoShape(1, FRAMES, 96, 256);

    /** Tells what happens, and the size, duration, time and the colour in the middle of each bar of what is shown. */
    private static final String HEAD = """
            <!doctype html><video id=v muted></video><canvas id=c></canvas><script>
            const tell = text => fetch('/result?' + encodeURIComponent(text));
            v.onerror = () => tell('error ' + v.error.code + ' ' + v.error.message);
            const shown = played => {
              c.width = v.videoWidth; c.height = v.videoHeight;
              const g = c.getContext('2d'); g.drawImage(v, 0, 0);
              const colors = [];
              for (let bar = 0; bar < 8; bar++)
                colors.push([...g.getImageData((bar + 0.5) * c.width / 8, c.height / 2, 1, 1).data].slice(0, 3).join(','));
              return [c.width, c.height, v.duration, played, ...colors].join(' ');
            };
            """;

    /** Plays a file to its end and goes back to the first frame. */
    private static final String FILE = HEAD + """
            v.onended = () => { const played = v.currentTime; v.onseeked = () => tell(shown(played)); v.currentTime = 0; };
            v.src = '/video.mp4'; v.play().catch(e => tell('error ' + e));
            </script>""";

    /** Plays a stream to its end, in which it cannot go back. */
    private static final String STREAM = HEAD + """
            v.onended = () => tell(shown(v.currentTime));
            v.src = '/video.mp4'; v.play().catch(e => tell('error ' + e));
            </script>""";

    /** Hands what has arrived to the browser's Media Source, and tells when a frame is there to be seen. */
    private static final String MEDIA_SOURCE = HEAD + """
            v.onloadeddata = () => fetch('/seen');
            const source = new MediaSource();
            v.src = URL.createObjectURL(source);
            source.onsourceopen = async () => {
              const response = await fetch('/video.mp4');
              const buffer = source.addSourceBuffer(response.headers.get('Content-Type'));
              const reader = response.body.getReader();
              for (let part; !(part = await reader.read()).done; ) {
                buffer.appendBuffer(part.value);
                await new Promise(ready => buffer.onupdateend = ready);
              }
              source.endOfStream();
              v.onended = () => tell(shown(v.currentTime));
              v.play();
            };
            </script>""";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"BT601, 5, 14", "BT709, 10, 10"})
    void playsFilesWithTheRightColors(Color color, double quality, int tolerance) throws Exception {
        Path video = folder.resolve("bars.mp4");
        Mp4Options options = Mp4Options.DEFAULT.withFps(16).withQuality(quality).withColor(color);
        try (Mp4Writer writer = Mp4Writer.create(video, options)) {
            writer.begin(SHAPE);
            for (int i = 0; i < FRAMES; i++) writer.frame(0, i, Clips.bars(96, 256));
            writer.finish();
        }
        byte[] bytes = Files.readAllBytes(video);
        assertShows(tolerance, browse(FILE, exchange -> answer(exchange, "video/mp4", bytes)));
    }

    @ParameterizedTest
    @EnumSource(Fragments.class)
    void playsAStreamOfChunks(Fragments fragments) throws Exception {
        Mp4Options options = Mp4Options.LOW_LATENCY.withFps(16).withKeyint(3).withQuality(9);
        assertShows(14, browse(STREAM, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", FragmentedMp4Writer.mediaType(SHAPE, options));
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody();
                    FragmentedMp4Writer writer = FragmentedMp4Writer.to(out, options, fragments)) {
                writer.begin(SHAPE);
                for (int i = 0; i < FRAMES; i++) writer.frame(0, i, Clips.bars(96, 256));
                writer.finish();
            }
        }));
    }

    @Test
    void showsTheFirstFrameBeforeTheLastAreMade() throws Exception {
        Mp4Options options = Mp4Options.LOW_LATENCY.withFps(16).withQuality(9);
        var seen = new CountDownLatch(1);
        var inTime = new boolean[1];
        String shown = browse(MEDIA_SOURCE, exchange -> {
            if (exchange.getRequestURI().getPath().equals("/seen")) {
                seen.countDown();
                answer(exchange, "text/plain", new byte[0]);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", FragmentedMp4Writer.mediaType(SHAPE, options));
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody();
                    FragmentedMp4Writer writer = FragmentedMp4Writer.to(out, options)) {
                writer.begin(SHAPE);
                for (int i = 0; i < FRAMES; i++) {
                    if (i == ENOUGH) inTime[0] = seen.await(60, TimeUnit.SECONDS);
                    writer.frame(0, i, Clips.bars(96, 256));
                }
                writer.finish();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        assertShows(14, shown);
        assertTrue(inTime[0], "nothing was to be seen before the last frames were sent");
    }

    private static void assertShows(int tolerance, String result) {
        String[] shown = result.split(" ");
        assertEquals("256", shown[0], result);
        assertEquals("96", shown[1]);
        assertEquals(FRAMES / 16.0, Double.parseDouble(shown[2]), 0.002);
        assertEquals(FRAMES / 16.0, Double.parseDouble(shown[3]), 0.07);
        // Its fixed-point BT.709 conversion shows saturated blue 7 levels too dark; another matrix would be up to 30
        // away.
        Frame bars = Clips.bars(96, 256);
        byte[] wanted = new SignedPicture(bars).toRgb(Quantization.TRUNCATE).bytes();
        for (int bar = 0; bar < 8; bar++) {
            String[] rgb = shown[4 + bar].split(",");
            for (int c = 0; c < 3; c++)
                assertEquals(
                        wanted[3 * (48 * 256 + 32 * bar + 16) + c] & 255,
                        Integer.parseInt(rgb[c]),
                        tolerance,
                        "bar " + bar + ": " + shown[4 + bar]);
        }
    }

    /**
     * Opens a page in a browser.
     *
     * @param others answers everything but the page itself and its result
     * @return the result that the page tells
     */
    private String browse(String page, HttpHandler others) throws Exception {
        Path chromium = Ffmpeg.find("chromium", "chromium-browser", "google-chrome");
        assumeTrue(chromium != null, "no Chromium is installed");
        var result = new CompletableFuture<String>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                if (path.equals("/")) answer(exchange, "text/html", page.getBytes(StandardCharsets.UTF_8));
                else if (path.equals("/result")) {
                    result.complete(URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8));
                    answer(exchange, "text/plain", new byte[0]);
                } else if (path.equals("/favicon.ico")) answer(exchange, "text/plain", new byte[0]);
                else others.handle(exchange);
            });
            server.start();
            Process browser = new ProcessBuilder(
                            chromium.toString(),
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--no-proxy-server",
                            "--autoplay-policy=no-user-gesture-required",
                            "--remote-debugging-port=0",
                            "--user-data-dir=" + folder.resolve("profile"),
                            "http://127.0.0.1:" + server.getAddress().getPort() + "/")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("browser.log").toFile())
                    .start();
            try {
                return result.get(120, TimeUnit.SECONDS);
            } finally {
                browser.destroy();
                if (!browser.waitFor(Duration.ofSeconds(5)))
                    browser.destroyForcibly().waitFor();
                server.stop(0);
                threads.shutdownNow();
                settle();
            }
        }
    }

    private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Removes the browser's profile; its children may still write there for a moment. */
    private void settle() throws InterruptedException {
        for (int i = 0; i < 50 && Files.exists(folder.resolve("profile")); i++) {
            Thread.sleep(100);
            try (Stream<Path> files = Files.walk(folder.resolve("profile"))) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
            } catch (IOException | UncheckedIOException e) {
                continue;
            }
        }
    }
}
