package wanvae.video.container;

import java.io.Closeable;
import java.io.IOException;

/** Puts the coded pictures of one track into a container, in decoding order. */
public interface Muxer extends Closeable {
    /**
     * Called once before the first sample. {@link #finish} may receive another {@code codec}, which is the final one.
     */
    void begin(SampleDescription codec) throws IOException;

    /**
     * Writes the next coded picture.
     *
     * @param delay by how many pictures it is shown later than it is decoded, not negative; 0 wherever {@link
     *              VideoTrack#reordering} is 0
     * @param key   whether decoding can start here
     */
    void sample(byte[] data, int delay, boolean key) throws IOException;

    /** Completes the output after the last sample. */
    void finish(SampleDescription codec) throws IOException;

    /** Frees what it holds besides the output. */
    @Override
    default void close() throws IOException {}
}
