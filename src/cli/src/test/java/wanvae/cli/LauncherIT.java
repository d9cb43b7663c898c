package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a user starts it: {@code scripts/wanvae}, after Maven has made the jar. */
class LauncherIT {
    private static final Path LAUNCHER = Path.of("../../scripts/wanvae").toAbsolutePath();

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended start(Path launcher, String... args) throws IOException, InterruptedException {
        return end(builder(launcher, args)
                .redirectInput(Path.of("/dev/null").toFile())
                .start());
    }

    private ProcessBuilder builder(Path launcher, String... args) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
    }

    private Ended end(Process process) throws IOException, InterruptedException {
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        return new Ended(
                process.exitValue(), Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
    }

    /** The first start after a build says that it takes longer. */
    @BeforeAll
    static void prepare() throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder(LAUNCHER.toString(), "--version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor());
    }

    @Test
    void startsFromAnywhereThroughALinkWithoutAWarning() throws Exception {
        Path link = Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("with spaces")).resolve("my wanvae"), LAUNCHER);
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

    /**
     * Two things end at once: the wait for standard input, and the command, which puts its temporary file away and says
     * so.
     */
    @Test
    void anInterruptionEndsTheWaitForStandardInput() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path weights = DemoCommand.copy("demo.wanvae", folder);
        ProcessBuilder builder = builder(LAUNCHER, "decode", "-", "-w", weights.toString(), "-o", "out.mp4");
        builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process process = builder.start();
        for (int i = 0; i < 600 && temporary.toFile().list().length == 0; i++) Thread.sleep(100);
        process.destroy();
        Ended ended = end(process);
        assertEquals(130, ended.code(), ended.err());
        assertTrue(ended.err().contains("wanvae: interrupted; no file was changed."), ended.err());
        assertEquals(0, temporary.toFile().list().length);
    }

    /** Of what the JVM itself writes to standard error, one line is dropped and everything else kept. */
    @Test
    void keepsWhatTheJvmHasToSay() throws Exception {
        ProcessBuilder builder = builder(LAUNCHER, "--version");
        builder.environment().put("JDK_JAVA_OPTIONS", "-Dwanvae.test=true");
        assertEquals(0, end(builder.start()).code());
        for (int i = 0; i < 100 && Files.size(folder.resolve("err")) == 0; i++)
            Thread.sleep(100); // the filter ends after the program
        String err = Files.readString(folder.resolve("err"));
        assertTrue(err.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS"), err);
        assertEquals(1, err.lines().count(), err);
    }

    @Test
    void demoWritesAVideoAndTellsAboutIt() throws Exception {
        Ended ended = start(LAUNCHER, "demo");
        assertEquals(0, ended.code(), ended.err());
        assertTrue(ended.err().contains("33 frames of 512x320") && ended.err().contains("demo.mp4"), ended.err());
        assertTrue(Files.size(folder.resolve("demo.mp4")) > 10_000);
    }
}
