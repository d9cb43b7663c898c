package wanvae.cli;

/** A command that a module beside this one brings: what it needs is not loaded for the others. */
public interface Subcommand {
    /** The option that every command has: show where a failure happened. */
    String VERBOSE = "--verbose";

    /**
     * The command as picocli takes it.
     *
     * @param interruption tells when the user wants to stop
     */
    Object command(Console console, Interruption interruption);
}
