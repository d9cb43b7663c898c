package wanvae.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file written beside its target and moved over it once complete and synced: the target is whole or untouched,
 * whatever happens.
 */
public final class PendingFile implements AutoCloseable {
    private final Path target;
    private final Path pending;
    private final FileChannel channel;
    private boolean complete;

    public PendingFile(Path target) throws IOException {
        this.target = target.toAbsolutePath();
        Path folder = this.target.getParent();
        if (folder == null || Files.isDirectory(this.target))
            throw new IOException(target + ": is a folder, expected the name of a file");
        if (!Files.isDirectory(folder)) throw new NoSuchFileException(folder.toString(), null, "no such folder");
        pending = folder.resolve("." + this.target.getFileName() + "."
                + ProcessHandle.current().pid() + "." + System.nanoTime() + ".part");
        try {
            channel = FileChannel.open(pending, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The failure as one about the target: what it is called meanwhile says nothing to the user. */
    private IOException failed(IOException e) {
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return new IOException(
                "cannot write " + target + ": " + (reason == null ? "its folder takes no new files" : reason), e);
    }

    /** Appends all that remains in the buffer. */
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) channel.write(bytes);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    public long position() throws IOException {
        return channel.position();
    }

    public void seek(long position) throws IOException {
        channel.position(position);
    }

    /** The last step: syncs and moves the file to its name. */
    public void complete() throws IOException {
        channel.force(true);
        channel.close();
        Files.move(pending, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        complete = true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!complete) Files.deleteIfExists(pending);
    }
}
