package wanvae.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) words[i] = args[i].toString();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Optional.empty());
        int code = Main.run(words, console, new Interruption());
        return new Cli(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    String outText() {
        return new String(out, StandardCharsets.UTF_8);
    }
}
