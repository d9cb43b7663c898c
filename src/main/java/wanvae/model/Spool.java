package wanvae.model;

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
import wanvae.kernel.Team;

/** Memory that lies on disk: a mapped temporary file without a name, which the system frees with the last use, however the process ends. */
final class Spool {
    private Spool() {}

    /**
     * Maps a new file, its blocks reserved by writing them: a write through a mapping that finds the disk full would kill the process.
     *
     * @param arena owner of the mapping
     * @param team  asked whether to go on
     * @throws IOException if the directory has not that much space, in one sentence, or cannot be written
     */
    static MemorySegment map(Arena arena, long bytes, Path directory, Team team) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) throw new IOException(String.format(Locale.ROOT, "%s has %.1f GB of free disk space, but this decode needs %.1f GB for a temporary file.",
                directory, free / 1e9, bytes / 1e9));
        Path path = Files.createTempFile(directory, "wanvae-", ".tmp");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            Files.delete(path);
            byte[] zeros = new byte[1 << 20];
            for (long written = 0; written < bytes; written += zeros.length) {
                team.requireGoingOn();
                file.write(zeros, 0, (int) Math.min(zeros.length, bytes - written));
            }
            return file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        } catch (ClosedByInterruptException e) {
            throw new CancellationException("the decode was cancelled");
        } finally {
            Files.deleteIfExists(path);
        }
    }
}
