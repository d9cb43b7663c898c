package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documentation of what the library exports, by doclint: every member has a docstring, its links lead to what is
 * exported, its HTML is sound. A tag for each parameter is not asked for: a sentence often says it better.
 */
class DocstringsIT {
    private static final Pattern TAGS_AND_INCUBATOR =
            Pattern.compile("warning: (no @(param|return|throws)|no main description|\\[incubating])");

    @TempDir
    Path folder;

    @Test
    void ofCore() throws Exception {
        assertDocumented("core", PublishedJars.CORE);
    }

    @Test
    void ofVideo() throws Exception {
        assertDocumented("video", PublishedJars.VIDEO);
    }

    private void assertDocumented(String name, List<Path> jars) throws Exception {
        List<Path> others = jars.stream()
                .filter(jar -> !jar.endsWith("wanvae-" + name + ".jar"))
                .toList();
        assertTrue(others.size() < jars.size());
        String output = PublishedJars.run(
                "javadoc",
                List.of(
                        "-quiet",
                        "-Xdoclint:all",
                        "-Xmaxwarns",
                        "10000",
                        "-d",
                        folder.resolve("documentation").toString(),
                        "-p",
                        others.stream().map(Path::toString).collect(Collectors.joining(":")),
                        "--module-source-path",
                        "wanvae." + name + "=" + Path.of("..", name, "src/main/java"),
                        "--module",
                        "wanvae." + name));
        Stream<String> warnings = output.lines()
                .filter(line -> line.contains("warning: "))
                .filter(line -> !TAGS_AND_INCUBATOR.matcher(line).find());
        assertEquals("", warnings.collect(Collectors.joining("\n")));
    }
}
