package wanvae.cli;

/** The command line is wrong, whatever files hold. It leads to exit code 2, and its message is one sentence. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message one sentence */
    public UsageException(String message) {
        super(message);
    }
}
