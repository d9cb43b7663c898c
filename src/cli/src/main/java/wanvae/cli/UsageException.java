package wanvae.cli;

/** The command line alone is wrong: exit code 2. The message is one sentence. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
