package wanvae.tensorfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of any size. */
final class FileBytes extends Bytes {
    private final FileChannel channel;

    private FileBytes(FileChannel channel, long size, String name) {
        super(name, size);
        this.channel = channel;
    }

    /** @param name what messages call the file */
    static FileBytes open(Path file, String name) throws IOException {
        if (!Files.exists(file)) throw new NoSuchFileException(name, null, "no such file");
        if (!Files.isRegularFile(file)) throw new FormatException(name + ": expected a file, found something else");
        if (!Files.isReadable(file)) throw new AccessDeniedException(name, null, "cannot be opened for reading");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new FileBytes(channel, channel.size(), name);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    void fill(long position, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            int n = channel.read(target, position);
            if (n < 0)
                throw new FormatException(
                        name() + ": was cut at " + position + " of its " + size() + " bytes while being read");
            position += n;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
