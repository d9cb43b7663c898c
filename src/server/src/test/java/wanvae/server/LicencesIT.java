package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every library that a package contains has its licence with it: in its jar, or in {@code src/packaging/licences}. */
class LicencesIT {
    private static final Path WRITTEN = Path.of("../packaging/licences");

    @Test
    void everyLibraryHasOne() throws IOException {
        List<Path> libraries = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of("target/modules"))) {
            modules.filter(jar -> !name(jar).startsWith("wanvae-")).forEach(libraries::add);
        }
        assertFalse(libraries.isEmpty());
        List<String> without = new ArrayList<>();
        for (Path library : libraries)
            if (!Files.exists(WRITTEN.resolve(name(library) + ".txt")) && !hasLicence(library))
                without.add(name(library));
        assertEquals(List.of(), without);
    }

    private static String name(Path jar) {
        return jar.getFileName().toString().replaceFirst("\\.jar$", "");
    }

    private static boolean hasLicence(Path library) throws IOException {
        try (JarFile jar = new JarFile(library.toFile())) {
            return jar.stream().anyMatch(entry -> entry.getName().matches("META-INF/[^/]*(LICENSE|NOTICE)[^/]*"));
        }
    }
}
