package wanvae.frame;

import java.io.IOException;

/**
 * Takes decoded frames: {@link #begin} once, then {@link #frame} for every member in turn (member 0's frames in order,
 * then member 1's …), then {@link #finish} once if all went well. All calls come from one thread at a time. After a
 * failure or a cancel only {@link #close} is called and a sink leaves nothing half-written behind. Closing is the
 * caller's, who opened the sink.
 */
public interface FrameSink extends AutoCloseable {
    /** Told once before the first frame. */
    default void begin(VideoShape shape) throws IOException {}

    /** One frame; {@code frame.pixels()} is valid during the call only. A slow sink slows the decoder. */
    void frame(int member, int index, Frame frame) throws IOException;

    /** All frames have been delivered: complete the output and give it its final name. */
    default void finish() throws IOException {}

    /**
     * Frees everything; without a preceding {@link #finish} the output is discarded and what stood under its name stays
     * intact.
     */
    @Override
    default void close() throws IOException {}
}
