package wanvae.frame;

import java.io.IOException;

/**
 * Takes decoded frames: {@link #begin} once, then {@link #frame} for every member in turn (member 0's frames in order,
 * then member 1's …), then {@link #finish} once if all went well. Calls come from different threads, one at a time: a
 * decode calls {@code begin} from the thread that called it and the others from a thread of its own. After a failure or
 * a cancellation only {@link #close} is called, and a sink leaves nothing half-written behind. Closing is left to the
 * one that opened the sink.
 *
 * <p>A decode waits for a slow sink, a few frames ahead of it. When it is cancelled or fails meanwhile, the thread that
 * calls the sink is interrupted, and the decode ends when the sink's call has returned: a sink that ignores interrupts
 * delays it.
 */
public interface FrameSink extends AutoCloseable {
    /**
     * Called once, before the first frame.
     *
     * @throws IOException to end the decode before it computes anything
     */
    default void begin(VideoShape shape) throws IOException {}

    /**
     * Takes one frame.
     *
     * @param member number of the video, from 0
     * @param index  number of the frame in its video, from 0
     * @param frame  {@code [H][W][3]}, or {@code [H][W][4]} with alpha, valid during the call only
     * @throws IOException to end the decode, which throws the same exception
     */
    void frame(int member, int index, Frame frame) throws IOException;

    /**
     * All frames have been delivered: complete the output and give it its final name.
     *
     * @throws IOException to end the decode, which throws the same exception
     */
    default void finish() throws IOException {}

    /**
     * Frees everything. Without a preceding {@link #finish} the output is discarded, and what stood under its name
     * stays intact.
     */
    @Override
    default void close() throws IOException {}
}
