package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
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
import java.util.stream.Collectors;
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

    @TempDir
    Path folder;

    private Path latents;

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
                .resolve(
                        ModuleFinder.of(PublishedJars.CORE.toArray(Path[]::new)),
                        ModuleFinder.ofSystem(),
                        Set.of("wanvae.core"))
                .modules()
                .stream()
                .map(ResolvedModule::name)
                .collect(Collectors.toSet());
        assertFalse(names.contains("java.desktop"), names.toString());
        names.removeIf(name -> ModuleFinder.ofSystem().find(name).isPresent());
        assertEquals(Set.of("wanvae.core", "flatbuffers.java", "com.fasterxml.jackson.core"), names);
    }

    @Test
    void coreOnTheClassPathNeedsNoDesktop() throws Exception {
        Path classes = compile("core", PublishedJars.CORE, false);
        assertEquals(
                "5 frames of 64x64",
                run(
                        "--limit-modules",
                        "java.base,java.management,jdk.management,jdk.incubator.vector",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        PublishedJars.path(classes, PublishedJars.CORE),
                        "counting.Count"));
    }

    @Test
    void coreOnTheModulePath() throws Exception {
        Path classes = compile("core", PublishedJars.CORE, true);
        assertEquals(
                "5 frames of 64x64",
                run(
                        "--enable-native-access=wanvae.core",
                        "-p",
                        PublishedJars.path(classes, PublishedJars.CORE),
                        "-m",
                        "counting/counting.Count"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void coreAndVideo(boolean modules) throws Exception {
        Path classes = compile("video", PublishedJars.VIDEO, modules);
        List<String> arguments = modules
                ? List.of(
                        "--enable-native-access=wanvae.core",
                        "-p",
                        PublishedJars.path(classes, PublishedJars.VIDEO),
                        "-m",
                        "filming/filming.Film")
                : List.of(
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        PublishedJars.path(classes, PublishedJars.VIDEO),
                        "filming.Film");
        assertEquals("written", run(arguments.toArray(String[]::new)));
        assertTrue(Files.size(folder.resolve("out.mp4")) > 500);
    }

    private Path compile(String program, List<Path> jars, boolean modules) throws Exception {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        PublishedJars.compile(PROGRAMS.resolve(program), jars, modules, classes);
        return classes;
    }

    private String run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                WEIGHTS.toString(),
                latents.toString(),
                folder.resolve("out.mp4").toString()));
        String output = PublishedJars.run("java", all);
        String warning = "WARNING: Using incubator modules: jdk.incubator.vector";
        assertTrue(output.startsWith(warning), output);
        return output.substring(warning.length()).strip();
    }
}
