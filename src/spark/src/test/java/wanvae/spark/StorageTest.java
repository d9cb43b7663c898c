package wanvae.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {
    private final Storage storage = new Storage(new Configuration());

    @TempDir
    Path folder;

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private List<String> listed(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void findsFilesWithTheirFoldersBelowThePattern() throws IOException {
        for (String name : List.of("in/a/x.npy", "in/b/c/x.npy", "in/b/c/_x.npy", "in/b/c/.x.npy", "in/b/c/x.txt"))
            write(name, new byte[1]);
        List<Storage.Found> found = storage.find(folder + "/in/{a,b/c}/*.npy");
        assertEquals(
                List.of("a", "b/c"), found.stream().map(Storage.Found::below).toList());
        assertEquals(
                List.of("out/a/x.mp4", "out/b/c/x.mp4"),
                found.stream()
                        .map(file ->
                                Clip.of(file.uri(), file.below(), "out", ".mp4").output())
                        .toList());
        assertThrows(FileNotFoundException.class, () -> storage.find(folder + "/in/*.pt"));
    }

    @Test
    void namesOfResultsKeepAllButTheEnding() {
        assertEquals(
                "out/v1.5 final.mp4",
                Clip.of("s3a://b/v1.5 final.pt", "", "out/", ".mp4").output());
        assertEquals("out/plain.mp4", Clip.of("/plain", "", "out", ".mp4").output());
        assertEquals("out/plain-0.mp4", Clip.of("/plain", "", "out", ".mp4").firstOfBatch());
    }

    /** A header is told by the beginning and the end of a file; in between nothing is read. */
    @Test
    void aHeadIsAsLongAsTheFile() throws IOException {
        byte[] bytes = new byte[3_000_001];
        new Random(1).nextBytes(bytes);
        byte[] head = Files.readAllBytes(
                storage.head(write("big", bytes).toString(), Files.createDirectory(folder.resolve("heads"))));
        assertEquals(bytes.length, head.length);
        assertArrayEquals(java.util.Arrays.copyOf(bytes, 1 << 18), java.util.Arrays.copyOf(head, 1 << 18));
        assertArrayEquals(
                java.util.Arrays.copyOfRange(bytes, bytes.length - (1 << 18), bytes.length),
                java.util.Arrays.copyOfRange(head, bytes.length - (1 << 18), bytes.length));
        assertEquals(0, head[1_500_000]);
        byte[] small = {1, 2, 3};
        assertArrayEquals(
                small, Files.readAllBytes(storage.head(write("small", small).toString(), folder.resolve("heads"))));
    }

    @Test
    void publishesAtOnceAndLeavesNothingElse() throws IOException {
        Path target = folder.resolve("out/a.mp4");
        Path first = write("first", new byte[] {1}), second = write("second", new byte[] {2});
        assertEquals(1, storage.publish(first, target.toString(), ".part-", false));
        storage.publish(second, target.toString(), ".part-", true);
        assertArrayEquals(new byte[] {2}, Files.readAllBytes(target));
        assertEquals(List.of("a.mp4"), listed(target.getParent()));
    }

    /** A file system that is not this machine's, as far as Hadoop knows. */
    public static final class Elsewhere extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("elsewhere:///");
        }
    }

    /** What is elsewhere is copied here; what is here is used as it is. */
    @Test
    void readsAndWritesOtherFileSystems() throws IOException {
        var conf = new Configuration();
        conf.set("fs.elsewhere.impl", Elsewhere.class.getName());
        var everywhere = new Storage(conf);
        Path here = Files.createDirectory(folder.resolve("here"));
        Path file = write("in/vae/config.json", new byte[] {1, 2});
        assertEquals(file, everywhere.local(file.toString(), here));
        List<Storage.Found> found = everywhere.find("elsewhere:" + folder + "/in/*/*.json");
        assertEquals(
                List.of("elsewhere:" + file),
                found.stream().map(Storage.Found::uri).toList());
        Path copy = everywhere.local("elsewhere:" + file, here);
        assertEquals(here.resolve("config.json"), copy);
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(copy));
        Path vae = everywhere.local("elsewhere:" + folder + "/in/vae", here);
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(vae.resolve("config.json")));
        everywhere.publish(copy, "elsewhere:" + folder + "/out/a.json", ".part-", false);
        assertEquals(List.of("a.json"), listed(folder.resolve("out")));
        assertEquals(List.of("config.json", "vae"), listed(here));
    }

    @Test
    void cleansWhatItsOwnAttemptsLeft() throws IOException {
        write("out/.part-1-a.mp4", new byte[1]);
        write("out/.other-1-a.mp4", new byte[1]);
        storage.clean(List.of(folder + "/out/a.mp4", folder + "/out/b.mp4", folder + "/none/c.mp4"), ".part-");
        assertEquals(List.of(".other-1-a.mp4"), listed(folder.resolve("out")));
    }
}
