package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The library as others get it: programs in {@code src/test/embedding} are compiled and run with the published jars and
 * nothing else of this build, on the class path and on the module path.
 */
class EmbeddingIT {
    private static final Path PROGRAMS = Path.of("src/test/embedding");
    private static final Path WEIGHTS =
            Path.of("src/main/resources/wanvae/cli/demo/demo.wanvae").toAbsolutePath();
    private static final List<Path> CORE = List.of(
            Path.of("../core/target/wanvae-core.jar"), library("flatbuffers-java.jar"), library("jackson-core.jar"));
    private static final List<Path> VIDEO = Stream.concat(
                    CORE.stream(), Stream.of(Path.of("../video/target/wanvae-video.jar"), library("jcodec.jar")))
            .toList();

    @TempDir
    Path folder;

    private Path latents;

    private static Path library(String name) {
        return Path.of("target/modules", name);
    }

    /** Zeros of [1][16][2][8][8]. */
    @BeforeEach
    void writeLatents() throws IOException {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 2, 8, 8), }";
        header += " ".repeat(118 - 1 - header.length()) + "\n";
        ByteArrayOutputStream npy = new ByteArrayOutputStream();
        npy.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        npy.write(ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) header.length())
                .array());
        npy.write(header.getBytes(StandardCharsets.US_ASCII));
        npy.write(new byte[4 * 16 * 2 * 8 * 8]);
        latents = Files.write(folder.resolve("latents.npy"), npy.toByteArray());
    }

    @Test
    void coreIsThreeModulesWithoutADesktop() {
        Set<String> names = Configuration.empty()
                .resolve(ModuleFinder.of(CORE.toArray(Path[]::new)), ModuleFinder.ofSystem(), Set.of("wanvae.core"))
                .modules()
                .stream()
                .map(ResolvedModule::name)
                .collect(Collectors.toSet());
        assertFalse(names.contains("java.desktop"), names.toString());
        names.removeIf(name -> ModuleFinder.ofSystem().find(name).isPresent());
        assertEquals(Set.of("wanvae.core", "flatbuffers.java", "com.fasterxml.jackson.core"), names);
    }

    @Test
    void coreOnTheClassPathNeedsThreeModulesOfTheJdk() throws Exception {
        Path classes = compile("core", CORE, false);
        assertEquals(
                "5 frames of 64x64",
                run(
                        "--limit-modules",
                        "java.base,java.management,jdk.management,jdk.incubator.vector",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        path(classes, CORE),
                        "counting.Count"));
    }

    @Test
    void coreOnTheModulePath() throws Exception {
        Path classes = compile("core", CORE, true);
        assertEquals(
                "5 frames of 64x64",
                run("--enable-native-access=wanvae.core", "-p", path(classes, CORE), "-m", "counting/counting.Count"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void coreAndVideo(boolean modules) throws Exception {
        Path classes = compile("video", VIDEO, modules);
        List<String> arguments = modules
                ? List.of(
                        "--enable-native-access=wanvae.core", "-p", path(classes, VIDEO), "-m", "filming/filming.Film")
                : List.of(
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        path(classes, VIDEO),
                        "filming.Film");
        assertEquals("written", run(arguments.toArray(String[]::new)));
        assertTrue(Files.size(folder.resolve("out.mp4")) > 500);
    }

    private static String path(Path classes, List<Path> jars) {
        return Stream.concat(Stream.of(classes), jars.stream())
                .map(path -> path.toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Path compile(String program, List<Path> jars, boolean modules) throws Exception {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        List<String> arguments = new ArrayList<>(List.of("-Xlint:all,-incubating,-requires-transitive-automatic"));
        arguments.addAll(List.of("-d", classes.toString(), modules ? "-p" : "-cp", path(classes, jars)));
        try (Stream<Path> sources = Files.walk(PROGRAMS.resolve(program))) {
            sources.filter(source -> source.toString().endsWith(".java"))
                    .filter(source -> modules || !source.endsWith("module-info.java"))
                    .forEach(source -> arguments.add(source.toString()));
        }
        assertEquals("", process("javac", arguments));
        return classes;
    }

    private String run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                WEIGHTS.toString(),
                latents.toString(),
                folder.resolve("out.mp4").toString()));
        String output = process("java", all);
        String warning = "WARNING: Using incubator modules: jdk.incubator.vector";
        assertTrue(output.startsWith(warning), output);
        return output.substring(warning.length()).strip();
    }

    /** What the tool printed, both streams. */
    private String process(String tool, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()));
        command.addAll(arguments);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        return text;
    }
}
