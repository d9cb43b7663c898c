/** {@code wanvae serve}: VAEs over HTTP. */
module wanvae.server {
    requires wanvae.video;
    requires wanvae.cli;
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires io.helidon.webserver;
    requires io.helidon.common.configurable; // PEM files
    requires io.helidon.common.pki;
    requires io.helidon.common.task;
    requires io.prometheus.metrics.core;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.logging; // Helidon logs by it

    opens wanvae.server to
            info.picocli;

    provides wanvae.cli.Subcommand with
            wanvae.server.ServeCommand;
}
