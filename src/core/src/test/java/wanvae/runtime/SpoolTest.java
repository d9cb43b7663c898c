package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final long BYTES = (3 << 20) + 4;

    @TempDir
    private Path directory;

    @Test
    void holdsWhatIsWrittenInAFileThatNobodySees() throws IOException {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            MemorySegment memory = Spool.map(arena, BYTES, directory, team);
            assertEquals(0, directory.toFile().list().length);
            assertEquals(BYTES, memory.byteSize());
            for (long i = 0; i < BYTES; i += 4) memory.set(ValueLayout.JAVA_INT, i, (int) (i * 31));
            for (long i = 0; i < BYTES; i += 4) assertEquals((int) (i * 31), memory.get(ValueLayout.JAVA_INT, i));
        }
    }

    @Test
    void saysThatThereIsNoRoom() throws IOException {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(1, () -> false)) {
            String message = assertThrows(IOException.class, () -> Spool.map(arena, 1L << 60, directory, team))
                    .getMessage();
            assertTrue(message.contains(directory.toString()) && message.contains("free disk space"), message);
            assertThrows(NoSuchFileException.class, () -> Spool.map(arena, BYTES, directory.resolve("nowhere"), team));
            assertEquals(0, directory.toFile().list().length);
        }
    }

    @Test
    void canBeInterrupted() throws IOException {
        try (Arena arena = Arena.ofShared();
                Team cancelled = new Team(1, () -> true);
                Team team = new Team(1, () -> false)) {
            assertThrows(CancellationException.class, () -> Spool.map(arena, BYTES, directory, cancelled));
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> Spool.map(arena, BYTES, directory, team));
            assertTrue(Thread.interrupted());
            assertEquals(0, directory.toFile().list().length);
        }
    }
}
