package wanvae.server;

import java.util.OptionalInt;

/** The reason why a request gets no result: an HTTP status and one sentence for the client. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final int BAD_REQUEST = 400, UNAUTHORIZED = 401, FORBIDDEN = 403, NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405, CONFLICT = 409, TOO_LARGE = 413, RANGE = 416, INTERNAL = 500, BUSY = 503;

    private final int status;
    private final int retrySeconds;

    Problem(int status, String sentence) {
        this(status, sentence, 0);
    }

    private Problem(int status, String sentence, int retrySeconds) {
        super(sentence, null, false, false);
        this.status = status;
        this.retrySeconds = retrySeconds;
    }

    /** An error in the request, which the client can correct. */
    static Problem bad(String sentence) {
        return new Problem(BAD_REQUEST, sentence);
    }

    /** The server has too much to do, and may have less in {@code retrySeconds} seconds. */
    static Problem busy(String sentence, int retrySeconds) {
        return new Problem(BUSY, sentence, retrySeconds);
    }

    int status() {
        return status;
    }

    /** The seconds after which the client may try again. */
    OptionalInt retrySeconds() {
        return retrySeconds > 0 ? OptionalInt.of(retrySeconds) : OptionalInt.empty();
    }
}
