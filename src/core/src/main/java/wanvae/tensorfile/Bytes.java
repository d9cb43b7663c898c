package wanvae.tensorfile;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Positional reading of some bytes, a file or a part of one, never taking more memory than asked for. Safe from several
 * threads.
 */
abstract class Bytes implements AutoCloseable {
    private static final int CHUNK = 1 << 18;

    private final String name;
    private final long size;

    /** @param name what messages call them */
    Bytes(String name, long size) {
        this.name = name;
        this.size = size;
    }

    final long size() {
        return size;
    }

    /** What messages call them. */
    final String name() {
        return name;
    }

    /** Fills the target with the bytes from {@code position} on, which lie within these. */
    abstract void fill(long position, ByteBuffer target) throws IOException;

    /** The {@code count} bytes from {@code position} on, as a little-endian buffer; both must lie within these. */
    final ByteBuffer read(long position, int count) throws IOException {
        require(position, count);
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        fill(position, buffer);
        return buffer.flip();
    }

    /** The {@code count} bytes from {@code position} on as a stream; both must lie within. Need not be closed. */
    final InputStream stream(long position, long count) throws IOException {
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
    final void readFloats(long position, long count, DType dtype, ByteOrder order, MemorySegment target)
            throws IOException {
        require(position, dtype.bytes(count));
        boolean direct = dtype == DType.F32 && order == ByteOrder.nativeOrder() && target.isNative();
        int step = CHUNK / dtype.bytes() * dtype.block();
        ByteBuffer chunk = direct ? null : ByteBuffer.allocateDirect((int) Math.min(CHUNK, dtype.bytes(count)));
        for (long done = 0; done < count; done += step) {
            int n = (int) Math.min(step, count - done);
            MemorySegment part = target.asSlice(4 * done, 4L * n);
            long from = position + dtype.bytes(done);
            if (direct) {
                fill(from, part.asByteBuffer());
            } else {
                fill(from, chunk.clear().limit((int) dtype.bytes(n)));
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

    @Override
    public abstract void close() throws IOException;
}
