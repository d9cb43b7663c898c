package wanvae.video.h264;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import wanvae.runtime.VectorApi;

/**
 * A streaming H.264 encoder: frames go in by {@link #encode}, coded pictures come out, in order, through the {@link
 * Output}, which is called on the caller's own thread inside {@link #encode} and {@link #finish}. The work is done by
 * {@code config.threads()} threads of the encoder's own, a group of pictures each; {@link #encode} returns at once
 * until enough frames wait. Memory does not grow with the number of frames. The bytes depend on the frames and the
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

    /** Frames waiting take at most this much, or one lookahead of them. */
    private static final long WAITING_BYTES = 512L << 20;

    private final H264Config config;
    private final Output output;
    private final ParameterSets parameterSets;
    private final Watcher watcher;
    private final ExecutorService threads;
    private final ArrayDeque<Gop> gops = new ArrayDeque<>();
    private final int mostWaiting;
    private final RateControl rateControl;
    private Gop current;
    private SourcePicture last;
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
        rateControl = new RateControl(config);
        // A bitrate is kept from picture to picture, so each has to wait for the one before.
        int groupsAtOnce = config.rate() instanceof Rate.Bitrate ? 1 : config.threads();
        threads = Executors.newFixedThreadPool(
                groupsAtOnce,
                Thread.ofPlatform().daemon().name("wanvae-h264-", 0).factory());
        long frameBytes = 384L * config.widthInMbs() * config.heightInMbs();
        mostWaiting = config.lookahead() == 0
                ? 0
                : (int) Math.min((groupsAtOnce - 1L) * config.keyint(), Math.max(0, WAITING_BYTES / frameBytes))
                        + config.lookahead()
                        + 8;
    }

    /** The sequence parameter set, a NAL unit without start code, as {@code avcC} holds it. */
    public byte[] sps() {
        return parameterSets.sps();
    }

    /** The picture parameter set, a NAL unit without start code. */
    public byte[] pps() {
        return parameterSets.pps();
    }

    /**
     * Encodes the next frame; its arrays may be reused as soon as the call returns.
     *
     * @throws IllegalArgumentException if the frame is not of the configured size
     * @throws IOException what the output threw, or that the thread was interrupted
     */
    public void encode(YuvFrame frame) throws IOException {
        if (finished) throw new IllegalStateException("the encoder is finished");
        if (frame.width() != config.width() || frame.height() != config.height())
            throw new IllegalArgumentException("the encoder was made for frames of " + config.width() + "x"
                    + config.height() + ", not " + frame.width() + "x" + frame.height());
        SourcePicture picture = new SourcePicture(frame, frames++, last);
        last = picture;
        if (current == null || current.size() == config.keyint() || picture.analysis.isSceneCut()) startGroup();
        current.add(picture);
        drain(mostWaiting);
    }

    /** Encodes what is still waiting and delivers the last pictures. */
    public void finish() throws IOException {
        if (finished) return;
        finished = true;
        if (current != null) current.end();
        drain(0);
        threads.shutdown();
    }

    /** Stops the encoder's threads; pictures not yet delivered are lost. */
    @Override
    public void close() {
        finished = true;
        threads.shutdownNow();
        threads.close();
    }

    private void startGroup() {
        if (current != null) current.end();
        Gop gop = new Gop(config.lookahead());
        current = gop;
        gops.add(gop);
        threads.submit(() -> gop.encode(new GopEncoder(config, parameterSets, rateControl, watcher)));
    }

    /** Delivers what is ready, and waits for more until at most {@code waiting} frames are left inside. */
    private void drain(int waiting) throws IOException {
        try {
            while (!gops.isEmpty()) {
                int inside = gops.stream().mapToInt(Gop::inside).sum();
                EncodedFrame ready = gops.peek().take(inside > waiting);
                if (ready != null) output.picture(ready);
                else if (gops.peek().isDelivered()) gops.remove();
                else return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while encoding", e);
        }
    }
}
