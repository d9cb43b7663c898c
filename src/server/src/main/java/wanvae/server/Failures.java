package wanvae.server;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import wanvae.tensorfile.FormatException;

/** Turns exceptions into the errors that clients get. */
final class Failures {
    private static final String ENDED = "This server is being shut down.";

    private Failures() {}

    /** The status and sentence for an exception. */
    static Problem problem(Throwable thrown) {
        return switch (thrown) {
            case Problem problem -> problem;
            case FormatException e -> Problem.bad(sentence(e));
            case CancellationException _ -> new Problem(Problem.BUSY, ENDED);
            case IllegalStateException _ -> new Problem(Problem.BUSY, ENDED);
            case IllegalArgumentException e when e.getMessage() != null -> Problem.bad(sentence(e));
            case IOException e when e.getMessage() != null -> new Problem(Problem.INTERNAL, sentence(e));
            default -> new Problem(Problem.INTERNAL, "Internal error, please report it: " + thrown + ".");
        };
    }

    private static String sentence(Throwable thrown) {
        String message = thrown.getMessage();
        String capital = message.substring(0, 1).toUpperCase(Locale.ROOT) + message.substring(1);
        return capital.endsWith(".") ? capital : capital + ".";
    }
}
