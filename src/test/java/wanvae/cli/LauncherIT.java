package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a user starts it: {@code scripts/wanvae}, after Maven has made the jar. */
class LauncherIT {
    private static final Path LAUNCHER = Path.of("scripts/wanvae").toAbsolutePath();

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended start(Path launcher, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void startsFromAnywhereThroughALinkWithoutAWarning() throws Exception {
        Path link = Files.createSymbolicLink(Files.createDirectory(folder.resolve("with spaces")).resolve("my wanvae"), LAUNCHER);
        Ended ended = start(link, "--version");
        assertEquals(0, ended.code());
        assertTrue(ended.out().startsWith("wanvae "), ended.out());
        assertEquals("", ended.err());
    }

    @Test
    void passesTheExitCodeAndOneSentenceOn() throws Exception {
        Ended ended = start(LAUNCHER, "decode", "--no-such-option");
        assertEquals(2, ended.code());
        assertEquals("", ended.out());
        assertEquals(1, ended.err().lines().count(), ended.err());
    }

    @Test
    void demoWritesAVideoAndTellsAboutIt() throws Exception {
        Ended ended = start(LAUNCHER, "demo");
        assertEquals(0, ended.code(), ended.err());
        assertTrue(ended.err().contains("33 frames of 512x320") && ended.err().contains("demo.mp4"), ended.err());
        assertTrue(Files.size(folder.resolve("demo.mp4")) > 10_000);
    }
}
