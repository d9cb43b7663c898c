package wanvae.latent;

import java.io.IOException;

/**
 * Takes encoded latents: {@link #begin} once, then {@link #frame} for every member in turn (member 0's latent frames in
 * order, then member 1's …), then {@link #finish} once if all went well. All calls come from the thread that called the
 * encode. After a failure or a cancellation only {@link #close} is called, by the one that opened the sink.
 */
public interface LatentSink extends AutoCloseable {
    /**
     * Called once, before the first frame.
     *
     * @throws IOException to end the encode before it computes anything
     */
    default void begin(EncodedShape shape) throws IOException {}

    /**
     * Takes one latent frame.
     *
     * @param member number of the video, from 0
     * @param index  number of the latent frame in its video, from 0
     * @param values {@code [C][H][W]}, the sink's own from now on
     * @throws IOException to end the encode, which throws the same exception
     */
    void frame(int member, int index, float[] values) throws IOException;

    /**
     * All latent frames have been delivered.
     *
     * @throws IOException to end the encode, which throws the same exception
     */
    default void finish() throws IOException {}

    /** Frees everything. Without a preceding {@link #finish} an output is discarded. */
    @Override
    default void close() throws IOException {}
}
