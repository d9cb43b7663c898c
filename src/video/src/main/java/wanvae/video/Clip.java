package wanvae.video;

import java.io.IOException;
import wanvae.video.picture.Picture;

/**
 * One video being written to one place: every picture in order, then {@link #finish}. Closing frees what it holds
 * besides that place.
 */
interface Clip extends AutoCloseable {
    /** The next picture. */
    void picture(Picture picture) throws IOException;

    /** Completes the output's content. */
    void finish() throws IOException;

    @Override
    default void close() throws IOException {}
}
