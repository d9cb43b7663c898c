package wanvae.server;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A stream that is opened by its first byte, so that a failure before it can still be answered with an error status.
 */
final class LazyStream extends OutputStream {
    private final TensorReply.Beginning beginning;
    private OutputStream out;

    LazyStream(TensorReply.Beginning beginning) {
        this.beginning = beginning;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        if (out == null) out = beginning.begin();
        out.write(source, offset, length);
    }

    @Override
    public void flush() throws IOException {
        if (out != null) out.flush();
    }
}
