package wanvae.video.source;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import wanvae.frame.VideoShape;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PixelAspect;

/**
 * Which frames of a video to take. Immutable.
 *
 * @param start  seconds from the beginning of the video to the first frame taken
 * @param fps    frames to take per second; empty: all of them. Frames are left out or repeated, never blended
 * @param frames at most this many; empty: all
 */
public record ClipSelection(double start, Optional<Fps> fps, OptionalInt frames) {
    /** All frames. */
    public static final ClipSelection ALL = new ClipSelection(0, Optional.empty(), OptionalInt.empty());

    /** @throws IllegalArgumentException if the start is negative or no number, or there are no frames */
    public ClipSelection {
        if (!(start >= 0) || start > 1e9)
            throw new IllegalArgumentException("a clip starts 0 or more seconds from the beginning, not " + start);
        if (frames.isPresent() && frames.getAsInt() < 1)
            throw new IllegalArgumentException("a clip has at least 1 frame, not " + frames.getAsInt());
    }

    /**
     * The selected frames of a source. Closing them closes the source.
     *
     * @param name what messages call the source
     * @throws FormatException if the source is a batch, ends before the first frame to take, or lacks a frame rate that
     *     is needed
     */
    public PictureSource of(PictureSource source, String name) throws FormatException {
        if (equals(ALL)) return source;
        if (source.shape().members() != 1)
            throw new FormatException(name + " holds " + source.shape().members()
                    + " videos; a start, a frame rate or a number of frames is for a single one");
        if ((start > 0 || fps.isPresent()) && source.fps().isEmpty())
            throw new FormatException(
                    name + " does not tell its frame rate, so no frames can be chosen by a start or a rate");
        Selected selected = new Selected(source);
        if (selected.shape().frames() == 0)
            throw new FormatException(
                    name + " has " + source.shape().frames() + " frames and ends before the start, second " + start);
        return selected;
    }

    /** The number of the frame that is shown as frame {@code i} of the clip. */
    private long index(long i, double rate) {
        if (rate == 0) return i;
        return (long) Math.floor(
                start * rate + 1e-6 + (fps.isEmpty() ? i : i * (rate / fps.get().value())));
    }

    private final class Selected implements PictureSource {
        private final PictureSource source;
        private final double rate;
        private long read;
        private int given;
        private Picture last;

        Selected(PictureSource source) {
            this.source = source;
            this.rate = source.fps().map(Fps::value).orElse(0.0);
        }

        @Override
        public VideoShape shape() {
            VideoShape all = source.shape();
            int count = all.frames();
            if (count != VideoShape.UNKNOWN) {
                long few = 0, many = 1L + frames.orElse(Integer.MAX_VALUE - 1);
                // Searches for the first i whose frame the source does not have.
                while (few < many - 1) {
                    long middle = (few + many) / 2;
                    if (index(middle - 1, rate) < count) few = middle;
                    else many = middle;
                }
                count = (int) few;
            }
            return new VideoShape(1, count, all.height(), all.width(), all.channels());
        }

        @Override
        public Optional<Fps> fps() {
            return fps.or(source::fps);
        }

        @Override
        public PixelAspect pixelAspect() {
            return source.pixelAspect();
        }

        @Override
        public List<String> notes() {
            return source.notes();
        }

        @Override
        public Optional<Picture> next() throws IOException {
            if (frames.isPresent() && given == frames.getAsInt()) return Optional.empty();
            for (long wanted = index(given, rate); read <= wanted; read++) {
                Optional<Picture> next = source.next();
                if (next.isEmpty()) return next;
                last = next.get();
            }
            given++;
            return Optional.of(last);
        }

        @Override
        public void close() throws IOException {
            source.close();
        }
    }
}
