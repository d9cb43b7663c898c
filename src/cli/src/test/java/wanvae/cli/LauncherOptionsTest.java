package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * HotSpot ignores an option that names a class or method that does not exist. So that a renamed kernel does not lose its
 * options, this looks up every name in the launcher and in the compiler's directives.
 */
class LauncherOptionsTest {
    private static final Path SCRIPTS = Path.of("../../scripts");

    @Test
    void everyClassInTheLaunchersOptionsExists() throws IOException {
        String launcher = Files.readString(SCRIPTS.resolve("wanvae"));
        Matcher loop = Pattern.compile(
                        "for class in ([\\w ]+); do\\R.*CompileThresholdScaling,(wanvae[\\w.]*)\\.\\$class::\\*,")
                .matcher(launcher);
        assertTrue(loop.find(), "the launcher no longer lists kernels to be compiled early");
        List<String> classes = List.of(loop.group(1).split(" "));
        assertFalse(classes.isEmpty());
        for (String name : classes) assertExists(loop.group(2) + "." + name, "*");
        assertEquals(
                Pattern.compile("CompileCommand=(?!quiet)")
                        .matcher(launcher)
                        .results()
                        .count(),
                1,
                "an option that this test does not read");
    }

    @Test
    void everyPatternInTheDirectivesMatches() throws IOException {
        String directives =
                Files.readString(SCRIPTS.resolve("compiler-directives")).replaceAll("//.*", "");
        List<String> patterns = Pattern.compile("\"[-+]?([^\"]+)\"")
                .matcher(directives)
                .results()
                .map(result -> result.group(1))
                .toList();
        assertFalse(patterns.isEmpty());
        for (String pattern : patterns) {
            int method = pattern.lastIndexOf('.');
            String type = pattern.substring(0, method).replace('/', '.');
            if (type.endsWith(".*")) assertExists(type.substring(0, type.length() - 2));
            else assertExists(type, pattern.substring(method + 1));
        }
    }

    /** HotSpot's asterisk stands for packages below this one, too. */
    private static void assertExists(String packageName) {
        assertTrue(
                ModuleLayer.boot().modules().stream()
                        .flatMap(module -> module.getPackages().stream())
                        .anyMatch(name -> (name + ".").startsWith(packageName + ".")),
                "no package " + packageName);
    }

    private static void assertExists(String className, String method) {
        Class<?> type =
                Class.forName(ModuleLayer.boot().findModule("wanvae.core").orElseThrow(), className);
        assertNotNull(type, "no class " + className);
        assertTrue(
                method.equals("*")
                        || Arrays.stream(type.getDeclaredMethods())
                                .anyMatch(declared -> declared.getName().equals(method)),
                "no method " + method + " in " + className);
    }
}
