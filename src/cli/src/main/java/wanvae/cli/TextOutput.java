package wanvae.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Standard output for text, which a program like {@code head} may stop reading before the end. Closing this stream
 * flushes it and leaves standard output open.
 */
final class TextOutput extends FilterOutputStream {
    /** Nobody reads the output any more. The command has nothing more to do, and nothing has failed. */
    static final class UnreadException extends IOException {
        private static final long serialVersionUID = 1;

        UnreadException(IOException cause) {
            super(cause);
        }
    }

    TextOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw Failure.isClosedPipe(e) ? new UnreadException(e) : e;
        }
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
