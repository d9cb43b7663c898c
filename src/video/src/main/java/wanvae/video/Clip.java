package wanvae.video;

import java.io.IOException;
import wanvae.video.picture.Picture;

/**
 * One video being written to one output: every picture in order, then {@link #finish}. Closing frees all other
 * resources; the output stays open.
 */
interface Clip extends AutoCloseable {
    /** Writes the next picture. */
    void picture(Picture picture) throws IOException;

    /** Completes the output's content. */
    void finish() throws IOException;

    @Override
    default void close() throws IOException {}
}
