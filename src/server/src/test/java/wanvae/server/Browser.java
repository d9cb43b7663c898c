package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven over its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://(\\S+?)/");
    private static final int SECONDS = 60;

    private final Path profile;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private final WebSocket socket;

    /** Where Chromium is, or null. */
    static Path find() {
        for (String name : new String[] {"chromium", "chromium-browser", "google-chrome"})
            for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
                Path file = Path.of(folder, name);
                if (Files.isExecutable(file)) return file;
            }
        return null;
    }

    Browser(Path chromium, Path folder) throws Exception {
        profile = folder.resolve("profile");
        Path log = folder.resolve("browser.log");
        process = new ProcessBuilder(
                        chromium.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-proxy-server",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        String address = null;
        for (int i = 0; address == null && i < 10 * SECONDS; i++) {
            Thread.sleep(100);
            Matcher line = LISTENING.matcher(Files.readString(log));
            if (line.find()) address = line.group(1);
        }
        assertNotNull(address, "the browser does not start");
        String targets = "";
        Matcher page = null;
        for (int i = 0; i < 10 * SECONDS; i++) {
            targets = new String(URI.create("http://" + address + "/json/list")
                    .toURL()
                    .openStream()
                    .readAllBytes());
            page = Pattern.compile("\"webSocketDebuggerUrl\": \"(ws://[^\"]+/page/[^\"]+)\"")
                    .matcher(targets);
            if (page.find()) break;
            Thread.sleep(100);
        }
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(page.group(1)), new Listener())
                .get(SECONDS, TimeUnit.SECONDS);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                Matcher id = Pattern.compile("^\\{\"id\":(\\d+),").matcher(text);
                if (id.find()) answers.remove(Integer.valueOf(id.group(1))).complete(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    /** @param parameters fields of a JSON object */
    String send(String method, String parameters) throws Exception {
        int id = number.incrementAndGet();
        var answer = new CompletableFuture<String>();
        answers.put(id, answer);
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .get(SECONDS, TimeUnit.SECONDS);
        String text = answer.get(SECONDS, TimeUnit.SECONDS);
        assertFalse(text.contains("\"error\":{\"code\""), text);
        return text;
    }

    /** A JavaScript expression's value, as text. */
    String evaluate(String expression) throws Exception {
        String answer = send(
                "Runtime.evaluate",
                "\"returnByValue\":true,\"awaitPromise\":true,\"expression\":" + quote("String(" + expression + ")"));
        try (JsonParser parser = Json.FACTORY.createParser(answer)) {
            while (parser.nextToken() != null)
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.currentName().equals("value")) {
                    parser.nextToken();
                    return parser.getText();
                }
        }
        throw new AssertionError(answer);
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    void open(URI page) throws Exception {
        send("Page.navigate", "\"url\":" + quote(page.toString()));
        await("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        for (int i = 0; i < 10 * SECONDS; i++) {
            if (evaluate(expression).equals("true")) return;
            Thread.sleep(100);
        }
        assertEquals("true", expression, () -> {
            try {
                return evaluate("document.body.innerText");
            } catch (Exception e) {
                return e.toString();
            }
        });
    }

    /** What a user does who chooses a file. */
    void choose(String selector, Path file) throws Exception {
        String root = send("DOM.getDocument", "\"depth\":0");
        String node =
                send("DOM.querySelector", "\"nodeId\":" + number(root, "nodeId") + ",\"selector\":" + quote(selector));
        send(
                "DOM.setFileInputFiles",
                "\"nodeId\":" + number(node, "nodeId") + ",\"files\":["
                        + quote(file.toAbsolutePath().toString()) + "]");
    }

    private static String number(String json, String name) {
        Matcher number = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        assertEquals(true, number.find(), json);
        return number.group(1);
    }

    /** A key of the keyboard: Tab, Enter. */
    void press(String key) throws Exception {
        int code = key.equals("Tab") ? 9 : 13;
        String what = "\"key\":\"" + key + "\",\"code\":\"" + key + "\",\"windowsVirtualKeyCode\":" + code;
        send(
                "Input.dispatchKeyEvent",
                "\"type\":\"" + (code == 13 ? "keyDown" : "rawKeyDown") + "\"," + what
                        + (code == 13 ? ",\"text\":\"\\r\"" : ""));
        send("Input.dispatchKeyEvent", "\"type\":\"keyUp\"," + what);
    }

    void size(int width, int height, boolean mobile) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                "\"width\":" + width + ",\"height\":" + height + ",\"deviceScaleFactor\":1,\"mobile\":" + mobile);
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(5)))
                process.destroyForcibly().waitFor();
            // Its children may still write there for a moment.
            for (int i = 0; i < 50 && Files.exists(profile); i++) {
                Thread.sleep(100);
                try (Stream<Path> files = Files.walk(profile)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
                } catch (IOException | UncheckedIOException e) {
                    continue;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
