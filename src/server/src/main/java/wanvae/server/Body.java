package wanvae.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.TensorFile;

/**
 * A request's body in a temporary file, which is gone when this is closed. Bodies wait on the disk, so that memory is
 * taken by those requests only that are worked on. Of one thread at a time.
 */
final class Body implements AutoCloseable {
    /** What messages call it. */
    static final String NAME = "the request's body";

    private static final int PART = 1 << 16;

    private final long size;
    private Path file;

    /**
     * A file that is the body's own from now on.
     *
     * @param size bytes
     */
    Body(Path file, long size) {
        this.file = file;
        this.size = size;
    }

    /**
     * Reads a stream to its end.
     *
     * @param most   bytes
     * @param folder where the file is
     * @param moved  told of each piece that has come
     * @throws Problem if there are more bytes
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

    /** Reads a piece. Helidon has several exceptions of its own for a client that ends early or breaks HTTP's rules. */
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

    /** As a file of tensors, of whatever kind it is. */
    TensorFile tensors() throws IOException {
        return TensorFile.open(file, NAME);
    }

    /** As the elements of one tensor. */
    TensorFile raw(DType dtype, long... shape) throws IOException {
        return TensorFile.raw(file, NAME, dtype, shape);
    }

    /** Where it is, under a name that says nothing. */
    Path file() {
        return file;
    }

    /** Bytes. */
    long size() {
        return size;
    }

    /** The file, renamed to have this ending, for readers that go by it. */
    Path named(String ending) throws IOException {
        file = Files.move(file, file.resolveSibling(file.getFileName() + ending));
        return file;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
