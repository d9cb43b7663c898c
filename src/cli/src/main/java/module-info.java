/** The command line. */
module wanvae.cli {
    requires wanvae.video;
    requires jdk.incubator.vector; // the FMA peak
    requires com.fasterxml.jackson.core;
    requires info.picocli;

    opens wanvae.cli to
            info.picocli;
}
