package wanvae.video.h264;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import wanvae.runtime.VectorApi;

/**
 * A streaming H.264 encoder: frames go in by {@link #encode}, coded pictures come out, in decoding order, through the
 * {@link Output}, which is called on the caller's own thread inside {@link #encode} and {@link #finish}. The work is
 * done by {@code config.threads()} threads of the encoder's own, a picture each; {@link #encode} returns at once until
 * enough frames wait. Memory does not grow with the number of frames. The bytes depend on the frames and the
 * configuration only, not on the number of threads.
 *
 * <p>Not safe for use by several threads at once. {@link #close} stops the threads, finished or not.
 */
public final class H264Encoder implements AutoCloseable {
    /** Takes coded pictures as they are finished. */
    public interface Output {
        void picture(EncodedFrame frame) throws IOException;
    }

    /** Is told, on the encoding threads, what decoders will show: for tests. */
    interface Watcher {
        void reconstructed(int number, YuvFrame frame);
    }

    private final H264Config config;
    private final Output output;
    private final ParameterSets parameterSets;
    private final LevelMeter level;
    private final Watcher watcher;
    private final ExecutorService threads;
    private final Lookahead lookahead;
    private final PicturePlanner planner = new PicturePlanner(ParameterSets.DEFAULT_REFERENCES);
    private final RateControl rateControl;
    /** Planned pictures that are not delivered yet, in decoding order. */
    private final ArrayDeque<PicturePlan> plans = new ArrayDeque<>();

    /** Planned pictures that the rate control has not been told the size of yet. */
    private final ArrayDeque<PicturePlan> unaccounted = new ArrayDeque<>();

    private final ConcurrentLinkedQueue<SliceEncoder> idle = new ConcurrentLinkedQueue<>();
    private final int mostWaiting;
    private int frames;
    private boolean finished;

    /** @throws IllegalStateException if Java was started without the Vector API, saying which flag is missing */
    public H264Encoder(H264Config config, Output output) {
        this(config, output, null);
    }

    H264Encoder(H264Config config, Output output, Watcher watcher) {
        VectorApi.require();
        this.config = config;
        this.watcher = watcher;
        this.output = output;
        parameterSets = new ParameterSets(config);
        level = new LevelMeter(config, ParameterSets.DECODED_PICTURES);
        rateControl = new RateControl(config);
        lookahead = new Lookahead(config);
        threads = Executors.newFixedThreadPool(
                config.threads(),
                Thread.ofPlatform().daemon().name("wanvae-h264-", 0).factory());
        // Who wants a short lookahead wants pictures soon.
        mostWaiting = config.lookahead() < 8 ? 0 : 4 * config.threads() + 4;
    }

    /**
     * The sequence parameter set, a NAL unit without start code, as {@code avcC} holds it. Its level is that of the
     * pictures' size and rate, and of the bit rate: the one asked for, and of the pictures that were delivered.
     */
    public byte[] sps() {
        return parameterSets.sps(level.level());
    }

    /** The picture parameter set, a NAL unit without start code. */
    public byte[] pps() {
        return parameterSets.pps();
    }

    /**
     * Encodes the next frame; its arrays may be reused as soon as the call returns.
     *
     * @throws IllegalArgumentException if the frame is not of the configured size and chroma format
     * @throws IOException what the output threw, or that the thread was interrupted
     */
    public void encode(YuvFrame frame) throws IOException {
        if (finished) throw new IllegalStateException("the encoder is finished");
        if (frame.width() != config.width() || frame.height() != config.height() || frame.format() != config.chroma())
            throw new IllegalArgumentException("the encoder was made for " + config.chroma() + " frames of "
                    + config.width() + "x" + config.height() + ", not " + frame.format() + " ones of " + frame.width()
                    + "x" + frame.height());
        lookahead.add(new SourcePicture(frame, frames++));
        schedule();
        deliver(mostWaiting);
    }

    /** Encodes what is still waiting and delivers the last pictures. */
    public void finish() throws IOException {
        if (finished) return;
        finished = true;
        lookahead.end();
        schedule();
        deliver(0);
        threads.shutdown();
    }

    /** Stops the encoder's threads; pictures not yet delivered are lost. */
    @Override
    public void close() {
        finished = true;
        threads.shutdownNow();
        threads.close();
    }

    /** Plans what the lookahead allows and hands it to the threads. */
    private void schedule() throws IOException {
        for (MiniGop gop = lookahead.next(); gop != null; gop = lookahead.next()) {
            // A bitrate is kept from one group to the next, so each waits for the one before.
            if (config.rate().followsSizes()) {
                for (PicturePlan plan : unaccounted) rateControl.coded(plan, nal(plan).length);
                unaccounted.clear();
            }
            rateControl.start(gop, lookahead.complexity(gop), lookahead.pictures(gop));
            for (PicturePlan plan : planner.plan(gop)) {
                rateControl.quantize(plan);
                plans.add(plan);
                if (config.rate().followsSizes()) unaccounted.add(plan);
                List<PicturePlan> references =
                        Stream.concat(plan.before.stream(), plan.after.stream()).toList();
                CompletableFuture.allOf(references.stream().map(r -> r.coded).toArray(CompletableFuture[]::new))
                        .thenApplyAsync(_ -> code(plan), threads)
                        .whenComplete((nal, failure) -> {
                            if (failure == null) plan.coded.complete(nal);
                            else plan.coded.completeExceptionally(failure);
                        });
            }
        }
    }

    private byte[] code(PicturePlan plan) {
        SliceEncoder encoder = idle.poll();
        if (encoder == null) encoder = new SliceEncoder(config);
        Reconstruction picture = encoder.reconstruction(plan);
        byte[] nal = encoder.encode(plan, picture);
        if (watcher != null) watcher.reconstructed(plan.source.number, picture.shown(config.width(), config.height()));
        idle.add(encoder);
        if (plan.isReference) {
            picture.makeReference();
            plan.reconstruction = picture;
        }
        plan.release();
        return nal;
    }

    /** Delivers what is ready, and waits for more until at most {@code waiting} pictures are left. */
    private void deliver(int waiting) throws IOException {
        while (!plans.isEmpty() && (plans.size() > waiting || plans.peek().coded.isDone())) {
            PicturePlan plan = plans.peek();
            byte[] nal = nal(plan);
            plans.remove();
            level.picture(nal.length);
            output.picture(new EncodedFrame(plan.source.number, delay(plan), plan.isIdr(), plan.quantizer, nal));
        }
    }

    private int delay(PicturePlan plan) {
        return plan.source.number - plan.decodingOrder + config.reordering();
    }

    private static byte[] nal(PicturePlan plan) throws IOException {
        try {
            return plan.coded.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while encoding", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException c ? c.getCause() : e.getCause();
            throw new IllegalStateException("the H.264 encoder failed", cause);
        }
    }
}
