/** The command line. */
@SuppressWarnings("module") // wanvae.server, to which a package is exported, is compiled after this module
module wanvae.cli {
    requires wanvae.video;
    requires jdk.incubator.vector; // the FMA peak
    requires com.fasterxml.jackson.core;
    requires info.picocli;

    exports wanvae.cli to
            wanvae.server; // a program made of these commands and one more

    opens wanvae.cli to
            info.picocli;

    uses wanvae.cli.Subcommand;
}
