package wanvae.model;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import wanvae.kernel.Convolution;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;

/**
 * Which pixels every convolution computes so that a window of the final picture comes out: found by walking back over
 * the layers, each of which {@link #add adds} itself with what the layers behind it want. A layout may continue another
 * one, that of the band of rows above it: what that one has computed is taken from it and not computed again.
 */
public final class Layout {
    /**
     * A convolution's part.
     *
     * @param frames the pixels that are needed
     * @param fresh  those of them that are computed now: the rows that the band above has not computed
     */
    public record Piece(Window frames, Window fresh) {}

    /**
     * The most pixels that are needed of a picture of each height, by all layouts of a decode: frames of that size
     * serve every layer and piece.
     */
    public static final class Room {
        private final Map<Integer, Long> pixels = new HashMap<>();

        private static long pixels(Window window) {
            return (long) window.height() * window.width();
        }

        public void need(Window window) {
            pixels.merge(window.pictureHeight(), pixels(window), Math::max);
        }

        /** Bytes of a frame that holds this window or any other of its picture. */
        public long bytes(Window window, int channels) {
            return Math.max(pixels.getOrDefault(window.pictureHeight(), 0L), pixels(window))
                    * Frames.bytes(1, 1, channels);
        }
    }

    private final Room room;
    private final Layout above;
    private final Map<Convolution, Piece> pieces = new IdentityHashMap<>();
    private Layout below;

    /** @param above the band that is computed before, or null */
    public Layout(Room room, Layout above) {
        this.room = room;
        this.above = above;
        if (above != null) above.below = this;
    }

    /**
     * Adds a convolution of whose output these pixels are needed.
     *
     * @return what it computes
     * @throws IllegalArgumentException if the band above computes all of it: the bands are too low
     */
    public Window add(Convolution convolution, Window wanted) {
        Window computed = convolution.computes(wanted);
        // What comes from the band above need not begin with a tile.
        Window frames = above == null ? computed : computed.from(wanted.y());
        Window fresh = above == null
                ? computed
                : computed.from(above.pieces.get(convolution).frames.bottom());
        pieces.put(convolution, new Piece(frames, fresh));
        room.need(frames);
        return fresh;
    }

    /** A convolution's part, or null where it is none of this layout's. */
    public Piece piece(Convolution convolution) {
        return pieces.get(convolution);
    }

    /** The rows of a convolution's output that the band below needs too, or null. */
    public Window shared(Convolution convolution) {
        Piece mine = pieces.get(convolution), next = below == null ? null : below.pieces.get(convolution);
        return mine == null || next == null || next.frames.y() >= mine.frames.bottom()
                ? null
                : mine.frames.from(next.frames.y());
    }

    /** Whether this is a band: its frames, but for the caches, are gone when the stages before go on. */
    public boolean brief() {
        return above != null || below != null;
    }

    /** Bytes of a frame that holds this window or any other of its picture. */
    public long bytes(Window window, int channels) {
        return room.bytes(window, channels);
    }
}
