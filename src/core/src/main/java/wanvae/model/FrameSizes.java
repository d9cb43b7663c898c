package wanvae.model;

import java.util.HashMap;
import java.util.Map;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/**
 * The most pixels that any {@link RegionPlan} of a decode needs of a picture, for each picture height. Frames of that
 * size serve every layer, band and piece.
 */
public final class FrameSizes {
    private final Map<Integer, Long> pixels = new HashMap<>();

    private static long pixels(Window window) {
        return (long) window.height() * window.width();
    }

    /** Makes frames large enough for a window. */
    public void include(Window window) {
        pixels.merge(window.pictureHeight(), pixels(window), Math::max);
    }

    /** Bytes of a frame that holds this window or any other window of its picture. */
    public long bytes(Window window, int channels) {
        return Math.max(pixels.getOrDefault(window.pictureHeight(), 0L), pixels(window)) * Frames.bytes(1, 1, channels);
    }
}
