package wanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonFactory;
import com.google.flatbuffers.FlatBufferBuilder;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import wanvae.decode.DecodeOptions;
import wanvae.generated.GeneratedWeights;
import wanvae.latent.LatentShape;

/** Programs on the class path, which have to ask for the Vector API's module themselves. */
class WithoutVectorsTest {
    private static final LatentShape SHAPE = new LatentShape(1, 16, 1, 1, 1);
    private static final String MISSING =
            "IllegalStateException: The Vector API is missing: start Java with --add-modules jdk.incubator.vector.";

    /** Prints how each way into the library ends. */
    static final class Program {
        private interface Way {
            Object go() throws IOException;
        }

        public static void main(String[] args) throws InterruptedException {
            GeneratedWeights weights = new GeneratedWeights(Models.wan21(4, 1), 1);
            tell(WarmUp::begin);
            tell(() -> WanVae.plan(weights.config(), SHAPE, DecodeOptions.DEFAULT));
            tell(() -> {
                try (WanVae vae = WanVae.open(weights, OpenOptions.DEFAULT)) {
                    CollectingSink sink = new CollectingSink();
                    vae.decode(GeneratedWeights.latents(SHAPE, 1), sink);
                    return sink.frames;
                }
            });
        }

        private static void tell(Way way) {
            try {
                way.go();
                System.out.println("fine");
            } catch (Throwable e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    @Test
    void sayWhichFlagIsMissing() throws Exception {
        assertEquals(List.of(MISSING, MISSING, MISSING), output());
        assertEquals(List.of("fine", "fine", "fine"), output("--add-modules", "jdk.incubator.vector"));
    }

    /** What the program prints; a stack trace on standard error fails. */
    private static List<String> output(String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Stream.of(
                                Path.of("target/classes"),
                                Path.of("target/test-classes"),
                                jar(JsonFactory.class),
                                jar(FlatBufferBuilder.class))
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator)),
                Program.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String all = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), all);
        assertFalse(all.contains("\tat "), all);
        return all.lines().filter(line -> !line.startsWith("WARNING:")).toList();
    }

    private static Path jar(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
