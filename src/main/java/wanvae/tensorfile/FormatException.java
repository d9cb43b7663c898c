package wanvae.tensorfile;

import java.io.IOException;

/**
 * A file whose contents are not what they must be: truncated, damaged, hostile, or simply another kind of file.
 * The message is one sentence for the user that names the file, the tensor where there is one, what was expected and what was found.
 */
public class FormatException extends IOException {
    public FormatException(String message) {
        super(message);
    }

    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
