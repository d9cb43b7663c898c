package wanvae.server;

/**
 * Starts the command line, which finds {@code serve} as a service. This class exists because a jar's main class must be
 * in that jar.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        wanvae.cli.Main.main(args);
    }
}
