package wanvae.tensorfile;

import java.io.IOException;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * A file whose contents are not what they must be: truncated, damaged, hostile, or simply another kind of file. The
 * message is one sentence for the user that names the file, the tensor where there is one, what was expected and what
 * was found.
 */
public class FormatException extends IOException {
    private static final int LONGEST_NAME = 100;
    private static final int MOST_NAMES = 8;

    /**
     * A refusal.
     *
     * @param message one sentence for the user
     */
    public FormatException(String message) {
        super(message);
    }

    /**
     * A refusal, with the failure that caused it.
     *
     * @param message one sentence for the user
     */
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Text out of a file, fit for a message: control characters replaced, cut where it is very long. */
    public static String quote(String text) {
        String shown = text.length() > LONGEST_NAME ? text.substring(0, LONGEST_NAME) + "…" : text;
        return shown.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The first few of these names, fit for a message. */
    public static String quote(Collection<String> names) {
        String first =
                names.stream().limit(MOST_NAMES).map(FormatException::quote).collect(Collectors.joining(", "));
        return names.size() > MOST_NAMES ? first + " and " + (names.size() - MOST_NAMES) + " more" : first;
    }
}
