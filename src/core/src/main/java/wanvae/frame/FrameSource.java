package wanvae.frame;

import java.io.IOException;
import java.util.Optional;

/**
 * Supplies the frames of a video one by one: member 0's in order, then member 1's …. An encode calls it from the thread
 * that called the encode, one call at a time, and does not close it.
 */
public interface FrameSource extends AutoCloseable {
    /**
     * The shape of the video, the same at every call. A video of a single member may have {@link VideoShape#UNKNOWN}
     * frames.
     */
    VideoShape shape();

    /**
     * The next frame, of the size that {@link #shape} gives, values nominally in [-1, 1]; empty after the last one.
     *
     * @return a frame that stays as it is until the next call
     * @throws IOException to end the encode, which throws the same exception
     */
    Optional<Frame> next() throws IOException;

    /** Frees everything. */
    @Override
    default void close() throws IOException {}
}
