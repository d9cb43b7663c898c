package wanvae.server;

/** The command line with {@code serve}, which it finds beside itself. A jar's main class has to be in the jar. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        wanvae.cli.Main.main(args);
    }
}
