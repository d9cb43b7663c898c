package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No package knows one above it. The order is docs/architecture.md's; since it is total, there is no cycle either. What
 * counts is every name in compiled code and every name in a source, so links in comments too.
 */
class ArchitectureTest {
    /** From the bottom up. */
    private static final List<String> ORDER = List.of(
            // wanvae.core
            "wanvae.runtime",
            "wanvae.workers",
            "wanvae.tensorfile",
            "wanvae.latent",
            "wanvae.frame",
            "wanvae.kernel",
            "wanvae.config",
            "wanvae.checkpoint.fbs",
            "wanvae.checkpoint.format",
            "wanvae.checkpoint.wan",
            "wanvae.checkpoint.hunyuan",
            "wanvae.checkpoint.tae",
            "wanvae.model",
            "wanvae.model.wan",
            "wanvae.model.hunyuan",
            "wanvae.model.tae",
            "wanvae.family",
            "wanvae.checkpoint",
            "wanvae.preview",
            "wanvae.generated",
            "wanvae.decode",
            "wanvae.encode",
            "wanvae.strategy",
            "wanvae",
            // wanvae.video
            "wanvae.video.picture",
            "wanvae.video.image",
            "wanvae.video.movie",
            "wanvae.video.audio",
            "wanvae.video.source",
            "wanvae.video.container",
            "wanvae.video.h264",
            "wanvae.video",
            // wanvae.cli
            "wanvae.cli.bench",
            "wanvae.cli",
            // wanvae.server
            "wanvae.server",
            // wanvae.spark
            "wanvae.spark");

    private static final Pattern NAME = Pattern.compile("wanvae((?:[./][a-z][a-z0-9]*)*)[./][A-Z]");

    @Test
    void noPackageKnowsOneAboveIt() throws IOException {
        Set<String> upward = new TreeSet<>();
        Set<String> found = new TreeSet<>();
        BiConsumer<Path, String> sees = (file, text) -> {
            String own = packageOf(file);
            found.add(own);
            assertTrue(ORDER.contains(own), own + " has no place in the order of packages");
            for (Matcher name = NAME.matcher(text); name.find(); ) {
                String other = "wanvae" + name.group(1).replace('/', '.');
                if (ORDER.indexOf(other) > ORDER.indexOf(own) || !ORDER.contains(other))
                    upward.add(own + " knows " + other + ": " + file.getFileName());
            }
        };
        for (String module : List.of("core", "video", "cli", "server", "spark")) {
            for (Path source : files(Path.of("..", module, "src/main/java"), ".java"))
                sees.accept(source, Files.readString(source));
            if (List.of("server", "spark").contains(module)) continue; // compiled after these tests
            for (Path compiled : files(Path.of("..", module, "target/classes"), ".class")) {
                for (PoolEntry entry : ClassFile.of().parse(compiled).constantPool())
                    if (entry instanceof Utf8Entry text) sees.accept(compiled, text.stringValue());
            }
        }
        assertEquals(Set.of(), upward);
        assertEquals(new TreeSet<>(ORDER), found);
    }

    /** What lies between the sources' or classes' root and the file. */
    private static String packageOf(Path file) {
        String path = file.getParent().toString().replace('\\', '/');
        return path.replaceFirst(".*/(src/main/java|target/classes)/", "").replace('/', '.');
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found = new ArrayList<>(
                    files.filter(file -> file.toString().endsWith(ending) && !file.endsWith("module-info" + ending))
                            .toList());
            assertTrue(!found.isEmpty(), "nothing in " + folder);
            return found;
        }
    }
}
