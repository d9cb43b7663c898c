package wanvae.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.frame.VideoShape;
import wanvae.video.picture.PictureSink;

/** Frames as files: what becomes of files that are there before, or appear meanwhile. */
class PngSequenceTest {
    @TempDir
    Path folder;

    private PictureSink open(String name, IfExists ifExists) throws IOException {
        return PngSequence.create(folder.resolve(name), ifExists);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** Of two that fill one place, the one that comes last is refused, and takes nothing away. */
    @ParameterizedTest
    @ValueSource(strings = {"clip", "f-%d.png"})
    void framesThatAppearAreNotReplaced(String name) throws IOException {
        if (!name.contains("%")) Files.createDirectory(folder.resolve(name));
        String second = name.contains("%") ? "f-1.png" : "clip/frames-00001.png";
        try (PictureSink sink = open(name, IfExists.REFUSE)) {
            sink.begin(new VideoShape(1, 3, 4, 4));
            for (int i = 0; i < 3; i++) sink.frame(0, i, Clips.frame(4, 4, i));
            Files.writeString(folder.resolve(second), "theirs");
            assertTrue(
                    assertThrows(IOException.class, sink::finish).getMessage().contains("it exists already"));
        }
        assertEquals(List.of(second), names());
        assertEquals("theirs", Files.readString(folder.resolve(second)));
    }

    @Test
    void replacedFramesKeepTheirPermissionsAndLinks() throws IOException {
        Clips.write(open("clip", IfExists.REFUSE), 1, 2, 4, 4);
        Path secret = folder.resolve("clip/frames-00000.png");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Path linked = Files.move(folder.resolve("clip/frames-00001.png"), folder.resolve("elsewhere.png"));
        Files.createSymbolicLink(folder.resolve("clip/frames-00001.png"), linked);
        Clips.write(open("clip", IfExists.REPLACE), 1, 2, 8, 8);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        assertTrue(Files.isSymbolicLink(folder.resolve("clip/frames-00001.png")));
        assertEquals(8, javax.imageio.ImageIO.read(linked.toFile()).getWidth());

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r--r--"));
        assertThrows(IOException.class, () -> Clips.write(open("clip", IfExists.REPLACE), 1, 2, 4, 4));
        Clips.write(open("clip", IfExists.REPLACE_READ_ONLY), 1, 2, 4, 4);
        assertEquals(4, javax.imageio.ImageIO.read(secret.toFile()).getWidth());
    }

    @Test
    void aLinkToNoFolderYetIsWrittenThrough() throws IOException {
        Files.createSymbolicLink(folder.resolve("link"), Path.of("clip"));
        Clips.write(open("link", IfExists.REFUSE), 1, 1, 4, 4);
        assertTrue(Files.isSymbolicLink(folder.resolve("link")));
        assertEquals(List.of("clip/frames-00000.png"), names());
    }

    @Test
    void theRootIsNoName() {
        String message = assertThrows(IOException.class, () -> PngSequence.create(Path.of("/"), IfExists.REFUSE))
                .getMessage();
        assertTrue(message.endsWith("it is the root of the file system"), message);
    }
}
