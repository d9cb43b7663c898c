package wanvae.video;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file being written beside the name it will get. {@link #commit} syncs it and moves it there in one step, so that
 * under the final name there is always either what was there before or the complete new file. Closing without a commit
 * deletes it.
 */
final class PendingFile implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final FileChannel channel;
    private OutputStream stream;
    private boolean committed;

    private PendingFile(Path target, Path part, FileChannel channel) {
        this.target = target;
        this.part = part;
        this.channel = channel;
    }

    static PendingFile create(Path name) throws IOException {
        // A link keeps being one: what it points to is replaced.
        Path target = Files.isSymbolicLink(name) && Files.exists(name) ? name.toRealPath() : name;
        for (long salt = System.nanoTime(); ; salt++) {
            Path part = beside(target, salt);
            try {
                return new PendingFile(
                        target,
                        part,
                        FileChannel.open(
                                part,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.READ));
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
    }

    /** A hidden name in the same folder, so that the move stays on one file system. */
    static Path beside(Path target, long salt) {
        return target.resolveSibling("." + target.getFileName() + "." + Long.toHexString(salt) + ".part");
    }

    /**
     * A nameless file in the target's folder for data that is needed until the output is complete; it is gone once
     * closed.
     */
    static FileChannel scratch(Path target) throws IOException {
        for (long salt = System.nanoTime(); ; salt++) {
            try {
                return FileChannel.open(
                        beside(target, salt),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.READ,
                        StandardOpenOption.DELETE_ON_CLOSE);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
    }

    Path target() {
        return target;
    }

    /** The open file, for writing and reading. */
    FileChannel channel() {
        return channel;
    }

    /** The open file as a buffered stream, always the same one. */
    OutputStream stream() {
        if (stream == null) stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        return stream;
    }

    /** Writes everything to the disk: what can fail for lack of space has been done after this. */
    void sync() throws IOException {
        if (stream != null) stream.flush();
        channel.force(true);
    }

    /** Gives the file its name. */
    void commit() throws IOException {
        sync();
        channel.close();
        move(part, target);
        committed = true;
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        if (committed) return;
        channel.close();
        Files.deleteIfExists(part);
    }
}
