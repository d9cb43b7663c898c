package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import wanvae.runtime.PendingFile.Existing;
import wanvae.runtime.PendingFile.Failure;

class PendingFileTest {
    @TempDir
    private Path folder;

    private static void put(PendingFile file, String text) throws IOException {
        file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(Path name, String text, Existing existing) throws IOException {
        try (PendingFile file = PendingFile.create(name, existing)) {
            put(file, text);
            file.commit();
        }
    }

    private Path old(String name) throws IOException {
        return Files.writeString(folder.resolve(name), "old");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String refused(Path name, Existing existing) {
        return assertThrows(Failure.class, () -> PendingFile.create(name, existing))
                .getMessage();
    }

    @Test
    void theOldFileStaysUntilTheNewOneIsComplete() throws IOException {
        for (boolean commits : new boolean[] {false, true}) {
            Path name = old("o");
            try (PendingFile file = PendingFile.create(name, Existing.REPLACE)) {
                put(file, "new!");
                file.seek(2);
                assertEquals(2, file.position());
                file.stream().write('W');
                assertEquals("old", Files.readString(name));
                assertEquals(2, names().size());
                if (commits) file.commit();
            }
            assertEquals(commits ? "neW!" : "old", Files.readString(name));
            assertEquals(List.of("o"), names());
        }
    }

    @Test
    void refusesAFileThatIsThereOrAppears() throws IOException {
        Path name = folder.resolve("o");
        try (PendingFile file = PendingFile.create(name, Existing.REFUSE)) {
            put(file, "new");
            old("o");
            assertEquals(
                    "cannot write " + name + ": it exists already",
                    assertThrows(Failure.class, file::commit).getMessage());
        }
        assertEquals("old", Files.readString(name));
        assertEquals(List.of("o"), names());
        assertEquals("cannot write " + name + ": it exists already", refused(name, Existing.REFUSE));
    }

    @Test
    void ofSeveralAtOneNameOneWins() throws Exception {
        for (int round = 0; round < 50; round++) {
            Path name = folder.resolve("o" + round);
            AtomicInteger won = new AtomicInteger(), refused = new AtomicInteger();
            CyclicBarrier begin = new CyclicBarrier(4);
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String text = "writer " + i;
                writers.add(Thread.ofPlatform().start(() -> {
                    try (PendingFile file = PendingFile.create(name, Existing.REFUSE)) {
                        put(file, text);
                        begin.await();
                        file.commit();
                        won.incrementAndGet();
                        assertEquals(text, Files.readString(name));
                    } catch (Failure e) {
                        refused.incrementAndGet();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }));
            }
            for (Thread writer : writers) writer.join();
            assertEquals("1 won, 3 refused", won + " won, " + refused + " refused");
        }
        assertEquals(50, names().size());
    }

    /** A zip's file system has neither links nor permissions. */
    @Test
    void alsoWhereThereAreNoLinks() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", "true"))) {
            Path name = zip.getPath("/o");
            try (PendingFile file = PendingFile.create(name, Existing.REFUSE);
                    PendingFile late = PendingFile.create(name, Existing.REFUSE)) {
                put(file, "new");
                put(late, "late");
                file.commit();
                assertThrows(Failure.class, late::commit);
            }
            assertEquals("new", Files.readString(name));
            write(name, "newer", Existing.REPLACE_WRITABLE);
            assertEquals("newer", Files.readString(name));
            try (Stream<Path> files = Files.list(zip.getPath("/"))) {
                assertEquals(List.of(name), files.toList());
            }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void keepsPermissionsAndIsPrivateUntilThen() throws IOException {
        for (String mode : new String[] {"rw-------", "rw-r-----", "rwxrw-rw-", "rw-rw-rw-"}) {
            Path name = old("o");
            Files.setPosixFilePermissions(name, PosixFilePermissions.fromString(mode));
            try (PendingFile file = PendingFile.create(name, Existing.REPLACE_WRITABLE)) {
                for (String part : names())
                    if (!part.equals("o"))
                        assertEquals(
                                "rw-------",
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(part))));
                file.commit();
            }
            assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(name)));
        }
        Path plain = old("plain"), fresh = folder.resolve("fresh");
        write(fresh, "new", Existing.REPLACE);
        assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(fresh));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void keepsTheOwnerWhereTheSystemAllows() throws IOException {
        Path name = old("o");
        assumeTrue(Files.getAttribute(name, "unix:uid").equals(0), "not an administrator");
        Files.setAttribute(name, "unix:uid", 12345);
        Files.setAttribute(name, "unix:gid", 12346);
        write(name, "new", Existing.REPLACE_WRITABLE);
        assertEquals("new", Files.readString(name));
        assertEquals(12345, Files.getAttribute(name, "unix:uid"));
        assertEquals(12346, Files.getAttribute(name, "unix:gid"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void replacesAReadOnlyFileOnlyIfTold() throws IOException {
        Path name = old("o");
        Files.setPosixFilePermissions(name, PosixFilePermissions.fromString("r--r--r--"));
        assertEquals("cannot write " + name + ": it is read-only", refused(name, Existing.REPLACE_WRITABLE));
        write(name, "new", Existing.REPLACE);
        assertEquals("new", Files.readString(name));
        assertEquals("r--r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(name)));
        try (PendingFile file = PendingFile.create(folder.resolve("p"), Existing.REPLACE_WRITABLE)) {
            Files.setPosixFilePermissions(old("p"), PosixFilePermissions.fromString("r--r--r--"));
            assertThrows(Failure.class, file::commit);
        }
        assertEquals("old", Files.readString(folder.resolve("p")));
        assertEquals(List.of("o", "p"), names());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void writesThroughLinks() throws IOException {
        Files.createDirectory(folder.resolve("d"));
        Files.createSymbolicLink(folder.resolve("one"), Path.of("d/two"));
        Files.createSymbolicLink(folder.resolve("d/two"), Path.of("../real"));
        for (Existing existing : new Existing[] {Existing.REFUSE, Existing.REPLACE, Existing.REPLACE_WRITABLE}) {
            write(folder.resolve("one"), existing.name(), existing);
            assertTrue(Files.isSymbolicLink(folder.resolve("one")) && Files.isSymbolicLink(folder.resolve("d/two")));
            assertFalse(Files.isSymbolicLink(folder.resolve("real")));
            assertEquals(existing.name(), Files.readString(folder.resolve("real")));
        }
        assertTrue(refused(folder.resolve("one"), Existing.REFUSE).endsWith("one: it exists already"));
        Files.createSymbolicLink(folder.resolve("lost"), Path.of("none/o"));
        assertTrue(refused(folder.resolve("lost"), Existing.REPLACE).endsWith("none does not exist"));
        Files.createSymbolicLink(folder.resolve("ring"), Path.of("ring"));
        assertTrue(refused(folder.resolve("ring"), Existing.REPLACE).endsWith("its symbolic links lead to no file"));
        Files.createSymbolicLink(folder.resolve("folder"), Path.of("d"));
        assertTrue(refused(folder.resolve("folder"), Existing.REPLACE).endsWith("it is a folder"));
        assertEquals(List.of("d", "folder", "lost", "one", "real", "ring"), names());
    }

    /** Names as long as the file system takes: 255 bytes where they are counted so. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void namesOfEveryLength() throws IOException {
        for (String name : new String[] {"a".repeat(241), "a".repeat(255), "ü".repeat(127), "漢".repeat(85)}) {
            Path file = folder.resolve(name);
            for (Existing existing : new Existing[] {Existing.REFUSE, Existing.REPLACE}) {
                write(file, "new", existing);
                assertEquals("new", Files.readString(file));
            }
        }
        int before = names().size();
        assertTrue(refused(folder.resolve("a".repeat(256)), Existing.REPLACE).endsWith("File name too long"));
        assertEquals(before, names().size());
    }

    @Test
    void severalAreCommittedTogetherOrNone() throws IOException {
        for (Existing existing : new Existing[] {Existing.REFUSE, Existing.REPLACE})
            try (PendingFile one = PendingFile.create(folder.resolve("one" + existing), existing);
                    PendingFile two = PendingFile.create(folder.resolve("two" + existing), existing)) {
                put(one, "new");
                put(two, "new");
                if (existing == Existing.REFUSE) {
                    old("two" + existing);
                    assertThrows(Failure.class, () -> PendingFile.commit(List.of(one, two)));
                } else PendingFile.commit(List.of(one, two));
            }
        assertEquals(List.of("oneREPLACE", "twoREFUSE", "twoREPLACE"), names());
        assertEquals("old", Files.readString(folder.resolve("twoREFUSE")));
    }

    @Test
    void placesWhereNoFileCanBeAreNamed() throws IOException {
        assertTrue(refused(folder, Existing.REPLACE).endsWith("it is a folder"));
        assertTrue(refused(folder.getRoot(), Existing.REPLACE).endsWith("it is a folder"));
        Path none = folder.resolve("none");
        assertEquals(
                "cannot write " + none.resolve("o") + ": the folder " + none + " does not exist",
                refused(none.resolve("o"), Existing.REPLACE));
        Path file = old("file");
        assertEquals(
                "cannot write " + file.resolve("o") + ": " + file + " is no folder",
                refused(file.resolve("o"), Existing.REPLACE));
        assertEquals(List.of("file"), names());
    }

    @Test
    void scratchFilesAreGoneWhenClosed() throws IOException {
        try (FileChannel scratch = PendingFile.scratch(folder.resolve("a".repeat(255)));
                FileChannel other = PendingFile.scratch(folder.resolve("a".repeat(255)))) {
            scratch.write(ByteBuffer.wrap(new byte[] {1, 2}));
            assertEquals(2, scratch.size());
            assertEquals(0, other.size());
        }
        assertEquals(List.of(), names());
    }
}
