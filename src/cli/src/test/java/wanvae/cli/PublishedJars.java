package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What embedders get, and the JDK's tools to compile and run programs with it. */
final class PublishedJars {
    static final List<Path> CORE = List.of(
            Path.of("../core/target/wanvae-core.jar"), library("flatbuffers-java.jar"), library("jackson-core.jar"));
    static final List<Path> VIDEO = Stream.concat(
                    CORE.stream(), Stream.of(Path.of("../video/target/wanvae-video.jar"), library("jcodec.jar")))
            .toList();

    private PublishedJars() {}

    private static Path library(String name) {
        return Path.of("target/modules", name);
    }

    /** The classes, then the jars, as a class path or a module path. */
    static String path(Path classes, List<Path> jars) {
        return Stream.concat(Stream.of(classes), jars.stream())
                .map(path -> path.toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Compiles all sources in a folder and below it; without modules, all but {@code module-info.java}. */
    static void compile(Path sources, List<Path> jars, boolean modules, Path classes) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-Xlint:all,-incubating,-requires-transitive-automatic"));
        arguments.addAll(List.of("-d", classes.toString(), modules ? "-p" : "-cp", path(classes, jars)));
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(source -> source.toString().endsWith(".java"))
                    .filter(source -> modules || !source.endsWith("module-info.java"))
                    .forEach(source -> arguments.add(source.toString()));
        }
        assertEquals("", run("javac", arguments));
    }

    /** Runs a tool of this JDK to a good end. @return what it printed, both streams */
    static String run(String tool, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(arguments);
        Path output = Files.createTempFile("wanvae-tool-", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), text);
            return text;
        } finally {
            Files.delete(output);
        }
    }
}
