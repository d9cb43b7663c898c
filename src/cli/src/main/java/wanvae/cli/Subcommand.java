package wanvae.cli;

/** A command that another module provides as a service, so that the other commands do not load what it needs. */
public interface Subcommand {
    /** The option, common to all commands, that shows where a failure happened. */
    String VERBOSE = "--verbose";

    /**
     * Creates the command as an object that picocli accepts.
     *
     * @param interruption tells when the user wants to stop
     */
    Object command(Console console, Interruption interruption);
}
