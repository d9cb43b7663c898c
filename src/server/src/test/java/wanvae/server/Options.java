package wanvae.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Options of servers that are tested, with one thing changed. */
final class Options {
    private Options() {}

    static ServeOptions withResults(ServeOptions o, Path results) {
        return new ServeOptions(
                o.weights(),
                o.decoderOnly(),
                o.host(),
                o.port(),
                o.threads(),
                o.memory(),
                o.queue(),
                o.maxBody(),
                o.timeout(),
                o.grace(),
                o.token(),
                o.tls(),
                Optional.of(results),
                o.keep(),
                o.temporary());
    }

    static ServeOptions withToken(ServeOptions o, String token) {
        return new ServeOptions(
                o.weights(),
                o.decoderOnly(),
                o.host(),
                o.port(),
                o.threads(),
                o.memory(),
                o.queue(),
                o.maxBody(),
                o.timeout(),
                o.grace(),
                Optional.of(token),
                o.tls(),
                o.results(),
                o.keep(),
                o.temporary());
    }

    static ServeOptions withTls(ServeOptions o, Path certificate, Path key) {
        return new ServeOptions(
                o.weights(),
                o.decoderOnly(),
                o.host(),
                o.port(),
                o.threads(),
                o.memory(),
                o.queue(),
                o.maxBody(),
                o.timeout(),
                o.grace(),
                o.token(),
                Optional.of(new ServeOptions.Tls(certificate, key)),
                o.results(),
                o.keep(),
                o.temporary());
    }

    static ServeOptions withWeights(ServeOptions o, List<Path> weights) {
        return new ServeOptions(
                weights,
                o.decoderOnly(),
                o.host(),
                o.port(),
                o.threads(),
                o.memory(),
                o.queue(),
                o.maxBody(),
                o.timeout(),
                o.grace(),
                o.token(),
                o.tls(),
                o.results(),
                o.keep(),
                o.temporary());
    }

    /** @param bytes of memory of the whole process */
    static ServeOptions withLimits(ServeOptions o, int threads, long bytes, int queue) {
        return new ServeOptions(
                o.weights(),
                o.decoderOnly(),
                o.host(),
                o.port(),
                threads,
                OptionalLong.of(bytes),
                queue,
                o.maxBody(),
                o.timeout(),
                o.grace(),
                o.token(),
                o.tls(),
                o.results(),
                o.keep(),
                o.temporary());
    }

    static ServeOptions withTimes(ServeOptions o, Duration timeout, Duration grace) {
        return new ServeOptions(
                o.weights(),
                o.decoderOnly(),
                o.host(),
                o.port(),
                o.threads(),
                o.memory(),
                o.queue(),
                o.maxBody(),
                timeout,
                grace,
                o.token(),
                o.tls(),
                o.results(),
                o.keep(),
                o.temporary());
    }
}
