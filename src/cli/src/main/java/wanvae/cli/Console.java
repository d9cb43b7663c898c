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
 * @param out   standard output, for results: a Y4M stream, the answers of {@code info}
 * @param err   standard error: progress, reports and failures
 * @param width the current columns of {@code err}; empty unless {@code err} is a terminal that understands carriage
 *              returns
 */
public record Console(InputStream in, OutputStream out, PrintStream err, Optional<IntSupplier> width) {
    private static final int STANDARD_ERROR = 2;

    /**
     * The process's own streams. Input and output go through channels, because an interrupt ends a wait on a channel.
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

    /** Whether the launcher found a stream closed. The launcher has then opened something else under its descriptor. */
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
     * A channel as a stream that only reads. The JDK's own stream would ask for size and position, which a pipe does
     * not have.
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

    /** A buffered writer to standard output. Closing it flushes it and leaves standard output open. */
    Writer text() {
        return new BufferedWriter(new OutputStreamWriter(new TextOutput(out), StandardCharsets.UTF_8));
    }

    /**
     * The launcher passes the real standard error as another descriptor ({@code wanvae.stderr}), because its descriptor
     * 2 is a pipe to a filter for the JVM's own warnings. Java has no public way to open a descriptor by its number,
     * hence {@code Add-Opens} in the jar's manifest.
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
