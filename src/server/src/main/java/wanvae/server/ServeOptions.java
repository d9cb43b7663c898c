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
 * @param weights   the VAEs, at least one, each a path that {@code WanVae.open} takes
 * @param family    the model of weights whose tensors leave it open
 * @param decoderOnly whether to leave encoders closed, which takes less memory
 * @param host      name or address to listen at
 * @param port      port to listen at; 0 takes any free one
 * @param threads   threads of the arithmetic, which all requests share
 * @param memory    bytes of resident memory that the process should stay within (empty: what the machine has)
 * @param queue     requests that may wait
 * @param maxBody   the largest body of a request, in bytes
 * @param timeout   how long a client may neither send nor receive anything
 * @param grace     how long requests may go on when the server is closed
 * @param token     the bearer token that clients must send (empty: none)
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
