package wanvae.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.video.VideoOutput;

/** README.md and docs/: their Java compiles with the published jars, their links lead somewhere. */
class DocumentsIT {
    private static final Path TOP = Path.of("../..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(TOP.resolve("docs"))) {
            return Stream.concat(Stream.of(TOP.resolve("README.md")), docs)
                    .filter(document -> document.toString().endsWith(".md"))
                    .toList();
        }
    }

    @Test
    void everyJavaSnippetCompiles() throws Exception {
        StringBuilder program = new StringBuilder("package snippets;\nimport module java.base;\n");
        for (String module : List.of("wanvae.core", "wanvae.video")) {
            ModuleDescriptor descriptor = ModuleFinder.of(PublishedJars.VIDEO.toArray(Path[]::new))
                    .find(module)
                    .orElseThrow()
                    .descriptor();
            for (ModuleDescriptor.Exports exports : descriptor.exports())
                if (!exports.isQualified())
                    program.append("import ").append(exports.source()).append(".*;\n");
        }
        program.append("class Snippets {\n");
        int count = 0;
        for (Path document : documents()) {
            for (MatchResult snippet : Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                    .matcher(Files.readString(document))
                    .results()
                    .toList())
                program.append("void snippet" + count++ + "() throws Exception { // " + document.getFileName() + "\n")
                        .append(snippet.group(1))
                        .append("}\n");
        }
        assertTrue(count > 1);
        Path sources = Files.createDirectory(folder.resolve("sources"));
        Files.writeString(sources.resolve("module-info.java"), "module snippets { requires wanvae.video; }");
        Files.writeString(sources.resolve("Snippets.java"), program.append("}\n"));
        PublishedJars.compile(sources, PublishedJars.VIDEO, true, Files.createDirectory(folder.resolve("classes")));
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            List<String> targets = Pattern.compile("\\]\\((?!https?:)([^)#]+)")
                    .matcher(Files.readString(document))
                    .results()
                    .map(link -> link.group(1))
                    .toList();
            for (String target : targets)
                if (!Files.exists(document.resolveSibling(target))) broken.add(document.getFileName() + ": " + target);
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void theReadmeIsShort() throws IOException {
        String readme = Files.readString(TOP.resolve("README.md"));
        assertTrue(readme.split("\\s+").length < 900);
    }

    @Test
    void theReadmeAndTheFormatsNameEveryEnding() throws IOException {
        for (String document : List.of("README.md", "docs/formats.md")) {
            String text = Files.readString(TOP.resolve(document));
            for (MatchResult ending : Pattern.compile("\\.[a-z0-9]+")
                    .matcher(VideoOutput.SUPPORTED)
                    .results()
                    .toList())
                assertTrue(text.contains(ending.group() + "`"), document + " does not name " + ending.group());
        }
    }
}
