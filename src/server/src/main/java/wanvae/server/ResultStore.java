package wanvae.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finished results in a folder: one file for each job, named after the job. A file gets its name only when it is
 * complete, so every file with such a name is a result, even after a server was killed. Only one server may use a
 * folder at a time. Safe for use by several threads.
 */
final class ResultStore implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{32})\\.([a-z0-9]+)");
    private static final Pattern UNFINISHED = Pattern.compile("\\.wanvae-.*\\.part");

    private final Path folder;
    private final boolean temporary;
    private final FileChannel lockFile;
    private final Duration keep;

    /**
     * A result.
     *
     * @param id       of the job
     * @param format   of the file
     * @param file     where it is
     * @param size     bytes
     * @param finished when it was complete
     */
    record Result(String id, OutputFormat format, Path file, long size, Instant finished) {}

    private ResultStore(Path folder, boolean temporary, FileChannel lockFile, Duration keep) {
        this.folder = folder;
        this.temporary = temporary;
        this.lockFile = lockFile;
        this.keep = keep;
    }

    /**
     * Opens a folder, creates it if it does not exist, and removes what a killed server left unfinished.
     *
     * @param folder    folder of results that survive a restart; empty: a temporary one
     * @param temporary where a temporary folder is made
     * @param keep      how long results are kept
     * @throws IOException in one sentence, if the folder cannot be used
     */
    static ResultStore open(Optional<Path> folder, Path temporary, Duration keep) throws IOException {
        Path results = folder.isPresent()
                ? Files.createDirectories(folder.get())
                : Files.createTempDirectory(temporary, "wanvae-results-");
        FileChannel channel =
                FileChannel.open(results.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) throw new IOException("another server uses the folder of results " + results);
            for (Path file : list(results))
                if (UNFINISHED.matcher(file.getFileName().toString()).matches()) Files.deleteIfExists(file);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("another server uses the folder of results " + results, e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new ResultStore(results, folder.isEmpty(), channel, keep);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** The file for the result of a new job. */
    Path file(String id, OutputFormat format) {
        return folder.resolve(id + "." + format.ending());
    }

    /** All results that are there. */
    List<Result> all() throws IOException {
        var all = new ArrayList<Result>();
        for (Path file : list(folder)) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (!name.matches()) continue;
            Optional<OutputFormat> format = OutputFormat.ofEnding(name.group(2));
            if (format.isEmpty()) continue;
            try {
                all.add(new Result(
                        name.group(1),
                        format.get(),
                        file,
                        Files.size(file),
                        Files.getLastModifiedTime(file).toInstant()));
            } catch (NoSuchFileException e) {
                // Somebody has deleted the file in the meantime.
            }
        }
        return all;
    }

    /**
     * The result of a job, if it exists. The id comes from a request, so it is only compared and never made part of a
     * path.
     */
    Optional<Result> find(String id) throws IOException {
        return all().stream().filter(result -> result.id().equals(id)).findFirst();
    }

    void delete(Result result) throws IOException {
        Files.deleteIfExists(result.file());
    }

    /** Deletes results whose time is up, and returns their ids. */
    List<String> expire() throws IOException {
        var expired = new ArrayList<String>();
        for (Result result : all())
            if (result.finished().plus(keep).isBefore(Instant.now())) {
                delete(result);
                expired.add(result.id());
            }
        return expired;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
        if (!temporary) return;
        for (Path file : list(folder)) Files.deleteIfExists(file);
        Files.delete(folder);
    }
}
