package wanvae.cli;

/** The command line alone is wrong: exit code 2. The message is one sentence. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message one sentence */
    public UsageException(String message) {
        super(message);
    }
}
