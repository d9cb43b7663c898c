package wanvae.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import wanvae.config.PublishedVae;

/**
 * What a server serves, and how.
 *
 * @param weights   VAEs, each a path that {@code WanVae.open} takes, at least one
 * @param family    what weights are whose tensors do not tell it
 * @param decoderOnly whether encoders stay closed, which takes less memory
 * @param host      name or address to listen at
 * @param port      to listen at; 0 takes any that is free
 * @param threads   of the arithmetic, which all decodes share
 * @param memory    bytes of resident memory that the process should stay within (empty: what the machine has)
 * @param queue     requests that may wait
 * @param maxBody   bytes of a request's body at most
 * @param timeout   after which a client that neither sends nor takes anything is given up
 * @param grace     time that requests have to end when the server is closed
 * @param token     what clients must bring as bearer token (empty: nothing)
 * @param tls       PEM files of a certificate's chain and its key (empty: plain HTTP)
 * @param results   folder of finished jobs (empty: a temporary one)
 * @param keep      how long results of jobs are kept
 * @param temporary folder of temporary files
 */
record ServeOptions(
        List<Path> weights,
        Optional<PublishedVae> family,
        boolean decoderOnly,
        String host,
        int port,
        int threads,
        OptionalLong memory,
        int queue,
        long maxBody,
        Duration timeout,
        Duration grace,
        Optional<String> token,
        Optional<Tls> tls,
        Optional<Path> results,
        Duration keep,
        Path temporary) {
    /**
     * PEM files.
     *
     * @param certificate the server's certificate and those above it
     * @param key         its private key
     */
    record Tls(Path certificate, Path key) {}

    ServeOptions {
        weights = List.copyOf(weights);
    }
}
