package wanvae.video;

import java.io.IOException;

/**
 * One video being written to one file: every picture in order, then {@link #finish}. Closing frees what it holds
 * besides the file.
 */
interface Clip extends AutoCloseable {
    void picture(Picture picture) throws IOException;

    /** Completes the file's content. */
    void finish() throws IOException;

    @Override
    default void close() throws IOException {}
}
