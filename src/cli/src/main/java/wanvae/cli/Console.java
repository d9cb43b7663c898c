package wanvae.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Where a command reads and writes.
 *
 * @param in    standard input
 * @param out   standard output: what was asked for (a Y4M stream, the answers of {@code info})
 * @param err   standard error: progress, reports and failures
 * @param width the columns of {@code err} at the moment, if that is a terminal that understands carriage returns
 */
public record Console(InputStream in, OutputStream out, PrintStream err, Optional<IntSupplier> width) {
    private static final int STANDARD_ERROR = 2;

    /**
     * The process's own streams: input and output are channels, because waiting on a channel ends when the thread is
     * interrupted.
     */
    static Console ofProcess() {
        return new Console(
                isClosed("stdin")
                        ? new ClosedInput()
                        : new ChannelInput(new FileInputStream(FileDescriptor.in).getChannel()),
                isClosed("stdout")
                        ? new ClosedOutput()
                        : Channels.newOutputStream(new FileOutputStream(FileDescriptor.out).getChannel()),
                standardError(),
                Boolean.getBoolean("wanvae.terminal")
                        ? Optional.of(TerminalWidth.of(Integer.getInteger("wanvae.stderr", STANDARD_ERROR)))
                        : Optional.empty());
    }

    /** Whether the launcher found a stream closed: its descriptor may be another file's by now. */
    private static boolean isClosed(String stream) {
        return "closed".equals(System.getProperty("wanvae." + stream));
    }

    private static final class ClosedInput extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("standard input is closed");
        }
    }

    private static final class ClosedOutput extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("standard output is closed");
        }
    }

    /**
     * A channel as a stream that only reads: the library's own asks a file for size and position, which a pipe does not
     * have.
     */
    private static final class ChannelInput extends InputStream {
        private final ReadableByteChannel channel;

        ChannelInput(ReadableByteChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(target, offset, length));
        }
    }

    /** Standard output for text: written when it is closed or flushed, and left open. */
    Writer text() {
        return new BufferedWriter(new OutputStreamWriter(new TextOutput(out), StandardCharsets.UTF_8));
    }

    /**
     * The launcher hands the real standard error over under another descriptor ({@code wanvae.stderr}), because
     * descriptor 2 passes a filter for the JVM's own warning there. Java has no public way to a descriptor by number,
     * hence {@code --add-opens} in the launcher.
     */
    private static PrintStream standardError() {
        Integer number = Integer.getInteger("wanvae.stderr");
        if (number == null) return System.err;
        try {
            Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
            descriptor.setAccessible(true);
            return new PrintStream(new FileOutputStream(descriptor.newInstance(number)), true, StandardCharsets.UTF_8);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return System.err;
        }
    }
}
