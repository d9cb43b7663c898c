package wanvae.runtime;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/**
 * Memory that lies on disk: a mapped temporary file without a name, which the system frees after its last use, however
 * the process ends.
 */
public final class Spool {
    private Spool() {}

    /** Whether files in this directory lie in memory, so that nothing is gained by them. */
    public static boolean isMemory(Path directory) {
        try {
            String type = Files.getFileStore(directory).type();
            return type.equals("tmpfs") || type.equals("ramfs");
        } catch (IOException e) {
            return false; // the first use of the directory reports what is wrong
        }
    }

    /**
     * Maps a new file. Its blocks are reserved by writing them, because a write through a mapping would kill the
     * process if it found the disk full.
     *
     * @param arena owner of the mapping
     * @param team  asked whether to go on
     * @throws IOException if the directory does not have that much space, in one sentence, or cannot be written
     */
    public static MemorySegment map(Arena arena, long bytes, Path directory, Team team) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes)
            throw new IOException(String.format(
                    Locale.ROOT,
                    "%s has %.0f MB of free disk space, but %.0f MB are needed for a temporary file.",
                    directory,
                    Math.floor(free / 1e6),
                    Math.ceil(bytes / 1e6)));
        Path path = Files.createTempFile(directory, "wanvae-", ".tmp");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            Files.delete(path);
            byte[] zeros = new byte[1 << 20];
            for (long written = 0; written < bytes; written += zeros.length) {
                team.requireGoingOn();
                try {
                    file.write(zeros, 0, (int) Math.min(zeros.length, bytes - written));
                } catch (IOException e) { // others write there too
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "%s took %.0f MB of a temporary file of %.0f MB: %s.",
                                    directory,
                                    written / 1e6,
                                    Math.ceil(bytes / 1e6),
                                    e.getMessage()),
                            e);
                }
            }
            return file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        } catch (ClosedByInterruptException e) {
            throw new CancellationException("the decode was cancelled");
        } finally {
            Files.deleteIfExists(path);
        }
    }
}
