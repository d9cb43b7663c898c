package wanvae.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import wanvae.decode.DecodePlan;
import wanvae.frame.VideoShape;
import wanvae.video.picture.PictureSink;

/** The jobs of a server: those that wait or run, and those whose results are kept. Safe for use by several threads. */
final class Jobs implements AutoCloseable {
    private static final long EXPIRE_MILLIS = 60_000;
    /** How many failed or cancelled jobs, of which only the error is left, are remembered. */
    private static final int MOST_ENDED = 100;

    private final Models models;
    private final Decodes decodes;
    private final ResultStore results;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Map<String, Thread> threads = new ConcurrentHashMap<>();
    private final Thread expiring;

    /** @param results stays the caller's to close */
    Jobs(Models models, Decodes decodes, ResultStore results) throws IOException {
        this.models = models;
        this.decodes = decodes;
        this.results = results;
        for (ResultStore.Result result : results.all()) jobs.put(result.id(), Job.of(result));
        expiring = Thread.ofVirtual().name("wanvae-expire").start(this::expire);
    }

    private void expire() {
        try {
            while (true) {
                try {
                    results.expire().forEach(this::forget);
                } catch (IOException e) {
                    // The folder is not available and may come back; until then nothing in it can be deleted.
                }
                Thread.sleep(EXPIRE_MILLIS);
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private synchronized void forget(String id) {
        jobs.remove(id);
    }

    /** All jobs, the oldest first. */
    synchronized List<Job> all() {
        return new ArrayList<>(jobs.values());
    }

    /** @throws Problem if no job has this id */
    synchronized Job find(String id) {
        Job job = jobs.get(id);
        if (job == null)
            throw new Problem(Problem.NOT_FOUND, "There is no such job; results are deleted after a while.");
        return job;
    }

    /** The file of a job that is done. */
    Optional<ResultStore.Result> result(Job job) throws IOException {
        return results.find(job.id());
    }

    /**
     * Begins a job.
     *
     * @param ticket a place in the queue, which the job takes over
     * @param body   the latents, which the job takes over
     */
    Job begin(Order order, Admission.Ticket ticket, Body body) {
        Job job = new Job(UUID.randomUUID().toString().replace("-", ""), order.format());
        synchronized (this) {
            jobs.put(job.id(), job);
            var ended = new ArrayList<>(jobs.values());
            ended.removeIf(other -> !other.state().isFinal() || other.state() == Job.State.DONE);
            for (Job old : ended.subList(0, Math.max(0, ended.size() - MOST_ENDED))) jobs.remove(old.id());
        }
        Thread thread =
                Thread.ofVirtual().name("wanvae-job-" + job.id()).unstarted(() -> run(job, order, ticket, body));
        threads.put(job.id(), thread);
        thread.start();
        return job;
    }

    private void run(Job job, Order order, Admission.Ticket ticket, Body body) {
        try (ticket;
                body) {
            ticket.start(job::isCancelled);
            Order.Read read = order.read(body, models, decodes, ticket, job::isCancelled);
            DecodePlan plan = decodes.require(read.model(), read.latents().shape(), order.tiling(), 0);
            VideoShape video = plan.video();
            PlainApi.requireOne(order.format(), video);
            job.run(read.model().name(), video.members() * video.frames(), read.notes());
            Path file = results.file(job.id(), order.format());
            try (PictureSink sink = order.format().create(file, order.video(read.model()))) {
                decodes.run(read.model(), read.latents(), order.tiling(), 0, sink, ticket, job, job::isCancelled);
            }
            job.done(Files.size(file));
        } catch (CancellationException e) {
            job.end(Job.State.CANCELLED, "The job was cancelled.");
        } catch (IOException | RuntimeException | Error e) {
            job.end(Job.State.FAILED, Failures.problem(e).getMessage());
        } finally {
            threads.remove(job.id());
        }
    }

    /** Cancels an unfinished job or deletes the result of a finished one, then forgets the job. */
    void delete(Job job) throws IOException {
        job.cancel();
        Thread thread = threads.get(job.id());
        try {
            if (thread != null) thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Optional<ResultStore.Result> result = result(job);
        if (result.isPresent()) results.delete(result.get());
        forget(job.id());
    }

    /** Waits for all unfinished jobs, at most for {@code grace}, and then cancels them. */
    void end(Duration grace) throws InterruptedException {
        long end = System.nanoTime() + grace.toNanos();
        for (Thread thread : List.copyOf(threads.values())) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (left.isPositive()) thread.join(left);
        }
    }

    @Override
    public void close() {
        expiring.interrupt();
        all().forEach(Job::cancel);
        for (Thread thread : List.copyOf(threads.values())) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
