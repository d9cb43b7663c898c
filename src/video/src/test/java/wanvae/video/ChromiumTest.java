package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.frame.Frame;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Color;
import wanvae.video.picture.Quantization;
import wanvae.video.picture.SignedPicture;

/** Plays our MP4 in a real browser, where one is installed, and looks at what it shows. */
class ChromiumTest {
    private static final int FRAMES = 8;

    /**
     * Plays the video to its end, shows the first frame, and tells size, duration, frames' time and the colour in the
     * middle of each bar.
     */
    private static final String PAGE = """
            <!doctype html><video id=v muted></video><canvas id=c></canvas><script>
            const tell = text => fetch('/result?' + encodeURIComponent(text));
            v.onerror = () => tell('error ' + v.error.code + ' ' + v.error.message);
            v.onended = () => { const played = v.currentTime; v.onseeked = () => show(played); v.currentTime = 0; };
            const show = played => {
              c.width = v.videoWidth; c.height = v.videoHeight;
              const g = c.getContext('2d'); g.drawImage(v, 0, 0);
              const colors = [];
              for (let bar = 0; bar < 8; bar++)
                colors.push([...g.getImageData((bar + 0.5) * c.width / 8, c.height / 2, 1, 1).data].slice(0, 3).join(','));
              tell([c.width, c.height, v.duration, played, ...colors].join(' '));
            };
            v.src = '/video.mp4'; v.play().catch(e => tell('error ' + e));
            </script>""";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"BT601, 5, 14", "BT709, 10, 10"})
    void playsWithTheRightColors(Color color, double quality, int tolerance) throws Exception {
        Path chromium = Ffmpeg.find("chromium", "chromium-browser", "google-chrome");
        assumeTrue(chromium != null, "no Chromium is installed");
        Path video = folder.resolve("bars.mp4");
        Frame bars = Clips.bars(96, 256);
        try (Mp4Writer writer = Mp4Writer.create(
                video, Mp4Options.DEFAULT.withFps(16).withQuality(quality).withColor(color))) {
            writer.begin(new VideoShape(1, FRAMES, 96, 256));
            for (int i = 0; i < FRAMES; i++) writer.frame(0, i, bars);
            writer.finish();
        }
        String[] shown = play(chromium, Files.readAllBytes(video)).split(" ");
        assertEquals("256", shown[0], String.join(" ", shown));
        assertEquals("96", shown[1]);
        assertEquals(FRAMES / 16.0, Double.parseDouble(shown[2]), 0.002);
        assertEquals(FRAMES / 16.0, Double.parseDouble(shown[3]), 0.07);
        // Its fixed-point BT.709 conversion shows saturated blue 7 levels too dark; another matrix would be up to 30
        // away.
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

    private String play(Path chromium, byte[] video) throws Exception {
        var result = new CompletableFuture<String>();
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(server, video, result));
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
                            "http://127.0.0.1:" + server.getLocalPort() + "/")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("browser.log").toFile())
                    .start();
            try {
                return result.get(60, TimeUnit.SECONDS);
            } finally {
                browser.destroy();
                if (!browser.waitFor(Duration.ofSeconds(5)))
                    browser.destroyForcibly().waitFor();
                settle();
            }
        }
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

    private static void serve(ServerSocket server, byte[] video, CompletableFuture<String> result) {
        while (!result.isDone()) {
            try (Socket client = server.accept()) {
                String request = new BufferedReader(
                                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine();
                String path = request == null ? "" : request.split(" ")[1];
                boolean page = path.equals("/");
                byte[] body =
                        page ? PAGE.getBytes(StandardCharsets.UTF_8) : path.equals("/video.mp4") ? video : new byte[0];
                OutputStream out = client.getOutputStream();
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: " + (page ? "text/html" : "video/mp4")
                                + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
                if (path.startsWith("/result?"))
                    result.complete(URLDecoder.decode(path.substring(8), StandardCharsets.UTF_8));
            } catch (IOException e) {
                if (server.isClosed()) return;
            }
        }
    }
}
