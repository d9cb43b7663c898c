package wanvae.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jobs over HTTP. */
final class JobsApi {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final int EVENT_MILLIS = 250, PART = 1 << 16;

    private final Models models;
    private final Decodes decodes;
    private final Jobs jobs;
    private final BooleanSupplier ending;

    /** @param ending whether the server is being shut down */
    JobsApi(Models models, Decodes decodes, Jobs jobs, BooleanSupplier ending) {
        this.models = models;
        this.decodes = decodes;
        this.jobs = jobs;
        this.ending = ending;
    }

    /** POST /v1/jobs: takes latents and begins a job, unless their description tells that it would fail. */
    void begin(Exchange exchange) throws IOException {
        Order order = Order.of(exchange.query(), models);
        Admission.Ticket ticket = decodes.admission().join(Admission.Lane.LONG);
        Job job;
        try {
            Body body = exchange.body();
            try {
                order.requirePossible(body, models, decodes);
                job = jobs.begin(order, ticket, body);
            } catch (IOException | RuntimeException e) {
                body.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            ticket.close();
            throw e;
        }
        exchange.header("Location", "/v1/jobs/" + job.id());
        exchange.fact("job", job.id());
        exchange.json(202, job.fields());
    }

    /** GET /v1/jobs: all of them. */
    void list(Exchange exchange) {
        exchange.json(200, json -> {
            json.writeNumberField("working", decodes.admission().working());
            json.writeNumberField("waiting", decodes.admission().waiting());
            json.writeArrayFieldStart("jobs");
            for (Job job : jobs.all()) {
                json.writeStartObject();
                job.fields().write(json);
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /** GET /v1/jobs/{id}. */
    void status(Exchange exchange) {
        exchange.json(200, job(exchange).fields());
    }

    private Job job(Exchange exchange) {
        return jobs.find(exchange.part("id"));
    }

    /** DELETE /v1/jobs/{id}: cancels it, or deletes its result. */
    void delete(Exchange exchange) throws IOException {
        jobs.delete(job(exchange));
        exchange.reply(204, "", new byte[0]);
    }

    /** GET /v1/jobs/{id}/events: sends what {@link #status} replies, whenever it changes, as server-sent events. */
    void events(Exchange exchange) throws IOException {
        Job job = job(exchange);
        exchange.watch();
        try (OutputStream out = exchange.stream(200, "text/event-stream", -1)) {
            long seen = -1;
            String told = "";
            while (!exchange.isGone() && !ending.getAsBoolean()) {
                boolean last = job.state().isFinal();
                String now = "data: " + Json.text(job.fields()) + "\n\n";
                if (!now.equals(told)) {
                    out.write(now.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    told = now;
                }
                if (last) return;
                long changes = job.await(seen, EVENT_MILLIS);
                // More than a few events a second are of no use.
                if (changes != seen) Thread.sleep(EVENT_MILLIS);
                seen = changes;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** GET /v1/jobs/{id}/result: the file, or the range of it that a player asks for. */
    void result(Exchange exchange) throws IOException {
        Job job = job(exchange);
        Optional<ResultStore.Result> found = jobs.result(job);
        if (found.isEmpty())
            throw new Problem(
                    Problem.CONFLICT,
                    "The job has no result; it is " + job.state().name().toLowerCase(Locale.ROOT) + ".");
        ResultStore.Result result = found.get();
        try (FileChannel file = FileChannel.open(result.file())) {
            long size = file.size(), first = 0, last = size - 1;
            Optional<Matcher> range =
                    exchange.header("Range").map(RANGE::matcher).filter(Matcher::matches);
            boolean partial = range.isPresent() && !range.get().group().equals("bytes=-");
            if (partial) {
                String from = range.get().group(1), to = range.get().group(2);
                first = from.isEmpty() ? Math.max(0, size - Long.parseLong(to)) : Long.parseLong(from);
                if (!from.isEmpty() && !to.isEmpty()) last = Math.min(last, Long.parseLong(to));
                if (first > last) {
                    exchange.header("Content-Range", "bytes */" + size);
                    throw new Problem(Problem.RANGE, "The result has " + size + " bytes, none of them in this range.");
                }
                exchange.header("Content-Range", "bytes " + first + "-" + last + "/" + size);
            }
            exchange.header("Accept-Ranges", "bytes");
            exchange.header("ETag", "\"" + result.id() + "\"");
            exchange.header("Cache-Control", "private, max-age=3600");
            exchange.header(
                    "Content-Disposition",
                    "inline; filename=\"wanvae-" + result.id().substring(0, 8) + "."
                            + result.format().ending() + "\"");
            try (OutputStream out =
                    exchange.stream(partial ? 206 : 200, result.format().mediaType(), last - first + 1)) {
                send(file, first, last + 1, out);
            }
        }
    }

    private static void send(FileChannel file, long from, long end, OutputStream out) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(PART);
        for (long at = from; at < end; ) {
            part.clear().limit((int) Math.min(PART, end - at));
            int n = file.read(part, at);
            if (n < 0) throw new IOException("the result was cut");
            out.write(part.array(), 0, n);
            at += n;
        }
    }
}
