package wanvae.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One run of the command line inside the test's process.
 *
 * @param code exit code
 * @param out  standard output
 * @param err  standard error
 */
record Cli(int code, byte[] out, String err) {

    static Cli run(Object... args) {
        return runWith(new byte[0], args);
    }

    /** @param input standard input */
    static Cli runWith(byte[] input, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Cli run = run(input, out, args);
        return new Cli(run.code, out.toByteArray(), run.err);
    }

    /** With a standard output that fails so. */
    static Cli runInto(IOException failure, Object... args) {
        OutputStream failing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw failure;
            }
        };
        return run(new byte[0], failing, args);
    }

    private static Cli run(byte[] input, OutputStream out, Object... args) {
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) words[i] = args[i].toString();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Optional.empty());
        int code = Main.run(words, console, new Interruption());
        return new Cli(code, new byte[0], err.toString(StandardCharsets.UTF_8));
    }

    String outText() {
        return new String(out, StandardCharsets.UTF_8);
    }
}
