package wanvae.server;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** Counts what the server does, for Prometheus. Safe for use by several threads. */
final class Metrics {
    static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    /** The phases of a request, whose times are measured. */
    enum Phase {
        /** The body arrives. */
        BODY,
        /** The request waits for others. */
        QUEUE,
        /** Latents are decoded, while frames are encoded and sent. */
        DECODE,
        /** Frames are encoded to latents. */
        ENCODE
    }

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = Counter.builder()
            .name("wanvae_requests_total")
            .help("Requests by route and status")
            .labelNames("route", "status")
            .register(registry);
    private final Histogram seconds = Histogram.builder()
            .name("wanvae_request_seconds")
            .help("From the request's head to the last byte of its reply")
            .labelNames("route")
            .classicUpperBounds(0.01, 0.1, 1, 10, 60, 600)
            .register(registry);
    private final Counter phases = Counter.builder()
            .name("wanvae_phase_seconds_total")
            .help("Seconds of requests by phase")
            .labelNames("phase")
            .register(registry);
    private final Counter frames = Counter.builder()
            .name("wanvae_frames_total")
            .help("Frames that were decoded")
            .register(registry);
    private final Counter received = Counter.builder()
            .name("wanvae_received_bytes_total")
            .help("Bytes of requests' bodies")
            .register(registry);
    private final Counter sent = Counter.builder()
            .name("wanvae_sent_bytes_total")
            .help("Bytes of replies' bodies")
            .register(registry);

    /** @param admission supplies the length of the queue and the planned memory */
    Metrics(Admission admission) {
        // Clients of Hugging Face's endpoints look for these two names.
        gauge("inf_batch_current_size", "Requests that are worked on", admission::working);
        gauge("inf_queue_size", "Requests that wait", admission::waiting);
        gauge("wanvae_memory_planned_bytes", "Memory that running decodes have reserved", admission::reserved);
        gauge("wanvae_memory_budget_bytes", "Memory that decodes may reserve", admission::budget);
        gauge("wanvae_memory_resident_bytes", "Resident memory of the process", Metrics::residentBytes);
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.getAsDouble()))
                .register(registry);
    }

    void request(String route, int status, double seconds) {
        requests.labelValues(route, Integer.toString(status)).inc();
        this.seconds.labelValues(route).observe(seconds);
    }

    void phase(Phase phase, double seconds) {
        phases.labelValues(phase.name().toLowerCase(Locale.ROOT)).inc(seconds);
    }

    void frame() {
        frames.inc();
    }

    void received(long bytes) {
        received.inc(bytes);
    }

    void sent(long bytes) {
        sent.inc(bytes);
    }

    /** All metrics in Prometheus' text format. */
    byte[] text() throws IOException {
        var text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toByteArray();
    }

    /** The resident memory of this process; 0 where the system does not report it. */
    private static double residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status")))
                if (line.startsWith("VmRSS:")) return 1024 * Double.parseDouble(line.replaceAll("\\D", ""));
        } catch (IOException e) {
            // Only Linux reports it this way.
        }
        return 0;
    }
}
