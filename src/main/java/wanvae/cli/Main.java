package wanvae.cli;

/** The command {@code wanvae}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.err.println("not written yet");
        System.exit(1);
    }
}
