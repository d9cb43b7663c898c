package wanvae.server;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import wanvae.decode.DecodeListener;

/** A decode in the background, and what is known about it. Safe for use by several threads. */
final class Job implements DecodeListener {
    /** The stages of a job. */
    enum State {
        WAITING,
        RUNNING,
        DONE,
        FAILED,
        CANCELLED;

        boolean isFinal() {
            return this == DONE || this == FAILED || this == CANCELLED;
        }
    }

    private final String id;
    private final OutputFormat format;
    private final Instant created;
    private State state = State.WAITING;
    private String model = "", error = "";
    private List<String> notes = List.of();
    private int framesDone, framesTotal;
    private double workDone, secondsLeft;
    private long began, size;
    private boolean cancelled;
    private long changes;

    Job(String id, OutputFormat format) {
        this.id = id;
        this.format = format;
        this.created = Instant.now();
    }

    private Job(ResultStore.Result result) {
        id = result.id();
        format = result.format();
        created = result.finished();
        state = State.DONE;
        size = result.size();
        workDone = 1;
    }

    /** A job that an earlier run of the server finished. */
    static Job of(ResultStore.Result result) {
        return new Job(result);
    }

    String id() {
        return id;
    }

    OutputFormat format() {
        return format;
    }

    synchronized State state() {
        return state;
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    synchronized void cancel() {
        cancelled = true;
        changed();
    }

    /** @param framesTotal the number of frames of the result */
    synchronized void run(String model, int framesTotal, List<String> notes) {
        state = State.RUNNING;
        this.model = model;
        this.framesTotal = framesTotal;
        this.notes = notes;
        began = System.nanoTime();
        changed();
    }

    @Override
    public synchronized void progress(int framesDone, int framesTotal, double workDone) {
        this.framesDone = framesDone;
        this.workDone = workDone;
        double seconds = (System.nanoTime() - began) / 1e9;
        secondsLeft = workDone > 0 ? seconds / workDone - seconds : 0;
        changed();
    }

    synchronized void done(long size) {
        this.size = size;
        workDone = 1;
        secondsLeft = 0;
        end(State.DONE, "");
    }

    /** @param error a sentence */
    synchronized void end(State state, String error) {
        this.state = state;
        this.error = error;
        changed();
    }

    private void changed() {
        changes++;
        notifyAll();
    }

    /**
     * Waits until the job has changed since it had {@code seen} changes, but at most {@code millis} milliseconds.
     *
     * @return the changes so far
     */
    synchronized long await(long seen, long millis) throws InterruptedException {
        if (changes == seen) wait(millis);
        return changes;
    }

    /** The fields that describe this job in replies. */
    synchronized Json.Fields fields() {
        State state = this.state;
        String model = this.model, error = this.error;
        List<String> notes = this.notes;
        int framesDone = this.framesDone, framesTotal = this.framesTotal;
        double progress = Json.seconds(workDone), left = Json.seconds(secondsLeft);
        long size = this.size;
        return json -> {
            json.writeStringField("id", id);
            json.writeStringField("state", state.name().toLowerCase(Locale.ROOT));
            json.writeStringField("format", format.ending());
            json.writeStringField("created", created.toString());
            if (!model.isEmpty()) json.writeStringField("model", model);
            json.writeNumberField("progress", progress);
            json.writeNumberField("frames_done", framesDone);
            json.writeNumberField("frames", framesTotal);
            if (state == State.RUNNING) json.writeNumberField("seconds_left", left);
            if (state == State.DONE) json.writeNumberField("size", size);
            if (state == State.DONE) json.writeStringField("result", "/v1/jobs/" + id + "/result");
            if (!error.isEmpty()) json.writeStringField("error", error);
            json.writeArrayFieldStart("notes");
            for (String note : notes) json.writeString(note);
            json.writeEndArray();
        };
    }
}
