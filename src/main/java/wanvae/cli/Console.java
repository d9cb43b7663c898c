package wanvae.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes.
 *
 * @param in       standard input
 * @param out      standard output: what was asked for (a Y4M stream, the answers of {@code info})
 * @param err      standard error: progress, reports and failures
 * @param terminal whether {@code err} is a terminal that understands carriage returns
 */
record Console(InputStream in, OutputStream out, PrintStream err, boolean terminal) {

    /** The process's own streams. */
    static Console ofProcess() {
        return new Console(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), standardError(),
                Boolean.getBoolean("wanvae.terminal"));
    }

    /** Standard output for text. */
    PrintStream text() {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    /**
     * The launcher hands the real standard error over under another descriptor ({@code wanvae.stderr}), because descriptor 2 passes a filter
     * for the JVM's own warning there. Java has no public way to a descriptor by number, hence {@code --add-opens} in the launcher.
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
