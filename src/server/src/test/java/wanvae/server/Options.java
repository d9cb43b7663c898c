package wanvae.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import wanvae.config.PublishedVae;

/** Options of servers that are tested, while some of them are changed. */
final class Options {
    private List<Path> weights;
    private Optional<PublishedVae> family;
    private boolean decoderOnly;
    private String host;
    private int port;
    private int threads;
    private OptionalLong memory;
    private int queue;
    private long maxBody;
    private Duration timeout;
    private Duration grace;
    private Optional<String> token;
    private Optional<ServeOptions.Tls> tls;
    private Optional<Path> results;
    private Duration keep;
    private Path temporary;

    private Options(ServeOptions o) {
        weights = o.weights();
        family = o.family();
        decoderOnly = o.decoderOnly();
        host = o.host();
        port = o.port();
        threads = o.threads();
        memory = o.memory();
        queue = o.queue();
        maxBody = o.maxBody();
        timeout = o.timeout();
        grace = o.grace();
        token = o.token();
        tls = o.tls();
        results = o.results();
        keep = o.keep();
        temporary = o.temporary();
    }

    private static ServeOptions with(ServeOptions o, Consumer<Options> change) {
        Options n = new Options(o);
        change.accept(n);
        return new ServeOptions(
                n.weights,
                n.family,
                n.decoderOnly,
                n.host,
                n.port,
                n.threads,
                n.memory,
                n.queue,
                n.maxBody,
                n.timeout,
                n.grace,
                n.token,
                n.tls,
                n.results,
                n.keep,
                n.temporary);
    }

    static ServeOptions withPort(ServeOptions o, int port) {
        return with(o, n -> n.port = port);
    }

    static ServeOptions withResults(ServeOptions o, Path results) {
        return with(o, n -> n.results = Optional.of(results));
    }

    static ServeOptions withToken(ServeOptions o, String token) {
        return with(o, n -> n.token = Optional.of(token));
    }

    static ServeOptions withTls(ServeOptions o, Path certificate, Path key) {
        return with(o, n -> n.tls = Optional.of(new ServeOptions.Tls(certificate, key)));
    }

    static ServeOptions withWeights(ServeOptions o, List<Path> weights) {
        return with(o, n -> n.weights = weights);
    }

    static ServeOptions withFamily(ServeOptions o, PublishedVae family) {
        return with(o, n -> n.family = Optional.of(family));
    }

    /** @param bytes of memory of the whole process */
    static ServeOptions withLimits(ServeOptions o, int threads, long bytes, int queue) {
        return with(o, n -> {
            n.threads = threads;
            n.memory = OptionalLong.of(bytes);
            n.queue = queue;
        });
    }

    static ServeOptions withTimes(ServeOptions o, Duration timeout, Duration grace) {
        return with(o, n -> {
            n.timeout = timeout;
            n.grace = grace;
        });
    }
}
