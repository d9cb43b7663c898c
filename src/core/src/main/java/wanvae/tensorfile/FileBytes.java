package wanvae.tensorfile;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Positional reading of a file of any size, never taking more memory than asked for. Safe from several threads. */
final class FileBytes implements AutoCloseable {
    private static final int CHUNK = 1 << 18;

    private final FileChannel channel;
    private final long size;
    private final String name;

    private FileBytes(FileChannel channel, long size, String name) {
        this.channel = channel;
        this.size = size;
        this.name = name;
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

    long size() {
        return size;
    }

    /** What messages call the file. */
    String name() {
        return name;
    }

    /** The {@code count} bytes from {@code position} on, as a little-endian buffer; both must lie within the file. */
    ByteBuffer read(long position, int count) throws IOException {
        require(position, count);
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        fill(position, buffer);
        return buffer.flip();
    }

    /**
     * The {@code count} bytes from {@code position} on as a stream; both must lie within the file. Need not be closed.
     */
    InputStream stream(long position, long count) throws IOException {
        require(position, count);
        return new InputStream() {
            private long done;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = (int) Math.min(length, count - done);
                if (n == 0) return length == 0 ? 0 : -1;
                fill(position + done, ByteBuffer.wrap(target, offset, n));
                done += n;
                return n;
            }
        };
    }

    /**
     * Reads {@code count} elements of type {@code dtype} from {@code position} on, widened to float32.
     *
     * @param target {@code 4 * count} bytes, written in native order
     */
    void readFloats(long position, long count, DType dtype, ByteOrder order, MemorySegment target) throws IOException {
        require(position, Math.multiplyExact(count, (long) dtype.bytes()));
        boolean direct = dtype == DType.F32 && order == ByteOrder.nativeOrder() && target.isNative();
        int step = CHUNK / dtype.bytes();
        ByteBuffer chunk = direct ? null : ByteBuffer.allocateDirect((int) Math.min(CHUNK, count * dtype.bytes()));
        for (long done = 0; done < count; done += step) {
            int n = (int) Math.min(step, count - done);
            MemorySegment part = target.asSlice(4 * done, 4L * n);
            long from = position + done * dtype.bytes();
            if (direct) {
                fill(from, part.asByteBuffer());
            } else {
                fill(from, chunk.clear().limit(n * dtype.bytes()));
                dtype.widen(MemorySegment.ofBuffer(chunk.flip()), order, part, n);
            }
        }
    }

    private void require(long position, long count) throws FormatException {
        if (position < 0 || count < 0 || position > size - count) {
            throw new FormatException(
                    name + ": ends too early, expected " + count + " bytes at " + position + " of " + size);
        }
    }

    private void fill(long position, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            int n = channel.read(target, position);
            if (n < 0)
                throw new FormatException(
                        name + ": was cut at " + position + " of its " + size + " bytes while being read");
            position += n;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
