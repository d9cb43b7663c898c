package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertTrue(ended.out().matches("wanvae \\d+\\.\\d+\\.\\d+.* \\(Java .*\\R"), ended.out());
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

    /** Ctrl-C during the first build is no failure of the build. */
    @Test
    void anInterruptionEndsTheBuild() throws Exception {
        Path clone = Files.createDirectory(folder.resolve("clone"));
        Path scripts = Files.createDirectory(clone.resolve("scripts"));
        for (String script : List.of("wanvae", "find-jdk", "prepare-clone"))
            Files.copy(LAUNCHER.resolveSibling(script), scripts.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createFile(clone.resolve("pom.xml"));
        Path maven = Files.writeString(folder.resolve("mvn"), "#!/bin/sh\nexit 130\n");
        assertTrue(maven.toFile().setExecutable(true));
        ProcessBuilder builder = builder(scripts.resolve("wanvae"), "--version");
        builder.environment().compute("PATH", (name, path) -> folder + ":" + path);
        Ended ended = end(builder.start());
        assertEquals(130, ended.code(), ended.err());
        assertEquals("building wanvae (once)…\n", ended.err());
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
    void aLimitOnAddressSpaceIsKeptOrTooLow() throws Exception {
        assertStarts(limited(1_500_000, "--version"), this);
        String latents = DemoCommand.copy("latents.safetensors", folder).toString();
        String weights = DemoCommand.copy("demo.wanvae", folder).toString();
        Ended decoded = end(limited(4 << 20, "decode", latents, "-w", weights, "-o", "out.y4m", "-q")
                .start());
        assertEquals(new Ended(0, "", ""), decoded);
        Ended refused = end(limited(1_000_000, "--version").start());
        assertEquals(1, refused.code());
        assertTrue(
                refused.err().startsWith("wanvae: this process may take only 1000000 KB of address space, "),
                refused.err());
        assertEquals(1, refused.err().lines().count());
    }

    /** @param most KB of address space */
    private ProcessBuilder limited(int most, String... args) {
        List<String> command = new ArrayList<>(List.of("-c", "ulimit -v " + most + " && exec \"$0\" \"$@\""));
        command.add(LAUNCHER.toString());
        command.addAll(List.of(args));
        return builder(Path.of("bash"), command.toArray(String[]::new));
    }

    private static void assertStarts(ProcessBuilder builder, LauncherIT test) throws Exception {
        Ended ended = test.end(builder.start());
        assertEquals(0, ended.code(), ended.err());
        assertTrue(ended.out().startsWith("wanvae "), ended.out());
    }

    /** The JVM takes one collector; that of the user wins, wherever the user names it. */
    @ParameterizedTest
    @CsvSource({
        "JAVA_TOOL_OPTIONS, -XX:+UseG1GC",
        "JDK_JAVA_OPTIONS, -Xmx1g -XX:+UseParallelGC",
        "_JAVA_OPTIONS, -XX:+UseZGC",
        "JDK_JAVA_OPTIONS, @arguments",
        "JAVA_TOOL_OPTIONS, -XX:VMOptionsFile=arguments"
    })
    void startsWithAnyCollector(String variable, String options) throws Exception {
        Files.writeString(folder.resolve("arguments"), "-XX:+UseG1GC\n");
        ProcessBuilder builder = builder(LAUNCHER, "--version");
        builder.environment().put(variable, options);
        assertStarts(builder, this);
    }

    /** A locale that is named need not be there. */
    @ParameterizedTest
    @ValueSource(strings = {"en_XX.UTF-8", "C", "POSIX", ""})
    void namesBeyondAsciiWorkInEveryLocale(String locale) throws Exception {
        ProcessBuilder builder = builder(LAUNCHER, "info", "füße-日本.npy");
        builder.environment().put("LC_ALL", locale);
        Ended ended = end(builder.start());
        assertEquals(1, ended.code());
        assertTrue(ended.err().contains("there is no füße-日本.npy."), ended.err());
    }

    @Test
    void closedStreamsAreASentence() throws Exception {
        DemoCommand.copy("demo.wanvae", folder);
        for (String[] command : new String[][] {
            {"demo -o - >&-", "standard output is closed."},
            {"export - -o out.y4m <&-", "standard input is closed."},
            {"decode - -w demo.wanvae -o out.mp4 <&-", "standard input is closed."}
        }) {
            Process process = new ProcessBuilder("bash", "-c", "exec '" + LAUNCHER + "' " + command[0])
                    .directory(folder.toFile())
                    .redirectOutput(folder.resolve("out").toFile())
                    .redirectError(folder.resolve("err").toFile())
                    .start();
            Ended ended = end(process);
            assertEquals(1, ended.code(), ended.err());
            assertTrue(ended.err().contains("wanvae: " + command[1]), ended.err());
        }
    }

    /** As of any program before {@code head}: no word, and the code of a process that a closed pipe has ended. */
    @Test
    void textThatNobodyReadsEndsSilently() throws Exception {
        DemoCommand.copy("demo.wanvae", folder);
        Process process = new ProcessBuilder(
                        "bash", "-c", "'" + LAUNCHER + "' info demo.wanvae | true; exit ${PIPESTATUS[0]}")
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        Ended ended = end(process);
        assertEquals(141, ended.code(), ended.err());
        assertEquals("", ended.err());
    }

    @Test
    void fewFileDescriptorsAreASentence() throws Exception {
        for (int files : new int[] {8, 12, 40}) {
            Process process = new ProcessBuilder(
                            "bash", "-c", "ulimit -n " + files + "; exec '" + LAUNCHER + "' demo -o out.mp4")
                    .directory(folder.toFile())
                    .redirectOutput(folder.resolve("out").toFile())
                    .redirectError(folder.resolve("err").toFile())
                    .start();
            Ended ended = end(process);
            assertEquals(1, ended.code(), ended.err());
            assertTrue(ended.err().contains("ulimit -n"), files + " files: " + ended.err());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void temporaryFilesGoWhereTheUserSays(boolean option) throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("my tmp"));
        Path weights = DemoCommand.copy("demo.wanvae", folder);
        ProcessBuilder builder = builder(LAUNCHER, "decode", "-", "-w", weights.toString(), "-o", "out.mp4");
        if (option) builder.command().addAll(List.of("--temp-dir", temporary.toString()));
        else builder.environment().put("TMPDIR", temporary.toString());
        Process process = builder.start();
        for (int i = 0; i < 600 && temporary.toFile().list().length == 0; i++) Thread.sleep(100);
        assertEquals(1, temporary.toFile().list().length);
        process.destroy();
        end(process);
    }

    /** No line is wider than the terminal, which would wrap it. */
    @Test
    void theProgressBarFitsTheTerminal() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script(1)");
        Process process = new ProcessBuilder(
                        "script", "-qec", "stty cols 40; exec '" + LAUNCHER + "' demo", "/dev/null")
                .directory(folder.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        List<String> bars = Stream.of(Files.readString(folder.resolve("out")).split("[\r\n]"))
                .filter(line -> line.startsWith("["))
                .map(line -> line.replace("\033[K", ""))
                .toList();
        assertFalse(bars.isEmpty());
        for (String bar : bars) assertTrue(bar.length() < 40, bar);
    }

    @Test
    void demoWritesAVideoAndTellsAboutIt() throws Exception {
        Ended ended = start(LAUNCHER, "demo");
        assertEquals(0, ended.code(), ended.err());
        assertTrue(ended.err().contains("33 frames of 512x320") && ended.err().contains("demo.mp4"), ended.err());
        assertTrue(Files.size(folder.resolve("demo.mp4")) > 10_000);
    }
}
