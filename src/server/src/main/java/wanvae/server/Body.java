package wanvae.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorFile;

/**
 * A request's body in a temporary file, which {@link #close} deletes. Bodies wait on disk, so that only requests at
 * work take memory. For use by one thread at a time.
 */
final class Body implements AutoCloseable {
    /** The name of the body in messages. */
    static final String NAME = "the request's body";

    private static final int PART = 1 << 16;

    private final long size;
    private Path file;

    /**
     * Takes over a file, which is deleted with the body.
     *
     * @param size of the file in bytes
     */
    Body(Path file, long size) {
        this.file = file;
        this.size = size;
    }

    /**
     * Reads a stream to its end.
     *
     * @param most   the largest number of bytes to accept
     * @param folder where the temporary file is made
     * @param moved  called after each piece that has arrived
     * @throws Problem if the stream has more than {@code most} bytes
     */
    static Body read(InputStream in, long most, Path folder, Runnable moved) throws IOException {
        Path file = Files.createTempFile(folder, "body-", ".tmp");
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] part = new byte[PART];
            long size = 0;
            for (int n; (n = next(in, part)) >= 0; size += n) {
                moved.run();
                if (n > most - size) throw tooLarge(most);
                out.write(part, 0, n);
            }
            return new Body(file, size);
        } catch (IOException | RuntimeException e) {
            Files.delete(file);
            throw e;
        }
    }

    /** Reads a piece. For a client that stops early or violates HTTP, Helidon throws several exceptions of its own. */
    private static int next(InputStream in, byte[] part) {
        try {
            return in.read(part);
        } catch (IOException | RuntimeException e) {
            throw Problem.bad("The request ended before its body did.");
        }
    }

    static Problem tooLarge(long most) {
        return new Problem(
                Problem.TOO_LARGE, "The request's body has more than " + most + " bytes, the most this server takes.");
    }

    /** Opens the body as a tensor file of any kind. */
    TensorFile tensors() throws IOException {
        return TensorFile.open(file, NAME);
    }

    /** Opens the body as the plain elements of one tensor. */
    TensorFile raw(DType dtype, long... shape) throws IOException {
        return TensorFile.raw(file, NAME, dtype, shape);
    }

    /** The file, whose name says nothing about its content. */
    Path file() {
        return file;
    }

    /** The body's size in bytes. */
    long size() {
        return size;
    }

    /** The file, renamed to have this ending, for readers that depend on it. */
    Path named(String ending) throws IOException {
        file = Files.move(file, file.resolveSibling(file.getFileName() + ending));
        return file;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
