package wanvae.video.source;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import wanvae.frame.Frame;
import wanvae.frame.FrameSource;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Background;
import wanvae.video.picture.Picture;
import wanvae.video.picture.Resampling;

/**
 * How pictures and clips get a size and length that an encoder takes. Immutable.
 *
 * @param size     the size to resample pictures to first; empty: they keep theirs
 * @param way      what to do with pixels and frames that do not fill a latent
 * @param pixels   height and width become multiples of this
 * @param frames   clips get 1 + k·frames frames
 * @param channels 3: what is transparent is shown on black; 4: alpha stays
 */
public record Fitting(Optional<Size> size, Way way, int pixels, int frames, int channels) {
    /** A size in pixels. */
    public record Size(int height, int width) {
        /** @throws IllegalArgumentException if it is empty or of more than {@link PictureSource#MOST_PIXELS} pixels */
        public Size {
            if (height < 1 || width < 1 || (long) height * width > PictureSource.MOST_PIXELS)
                throw new IllegalArgumentException("no pictures of " + width + "x" + height);
        }
    }

    /** What to do with pixels and frames that do not fill a latent. */
    public enum Way {
        /** Nothing: the encoder leaves them out, as the reference does. */
        REFERENCE,
        /** Pictures lose pixels on all sides, clips their last frames. */
        CROP,
        /** The last row, column and frame are repeated. */
        PAD,
        /** Pictures are resampled to the next smaller size that fits; clips lose their last frames. */
        SCALE
    }

    /** The frames of a source, fitted. Closing them closes the source. */
    public FrameSource of(PictureSource source) {
        return new Fitted(source);
    }

    private int down(int size) {
        return Math.max(pixels, size / pixels * pixels);
    }

    private int up(int size) {
        return Math.ceilDiv(size, pixels) * pixels;
    }

    /** The size of pictures after resampling. */
    private Size scaled(VideoShape shape) {
        Size asked = size.orElseGet(() -> new Size(shape.height(), shape.width()));
        return way == Way.SCALE ? new Size(down(asked.height), down(asked.width)) : asked;
    }

    private Size fitted(VideoShape shape) {
        Size scaled = scaled(shape);
        return switch (way) {
            case REFERENCE, SCALE -> scaled;
            case CROP ->
                new Size(Math.min(scaled.height, down(scaled.height)), Math.min(scaled.width, down(scaled.width)));
            case PAD -> new Size(up(scaled.height), up(scaled.width));
        };
    }

    private final class Fitted implements FrameSource {
        private final PictureSource source;
        private final VideoShape given;
        private final Size scaled, fitted;
        private int member, read;
        private Frame last;

        Fitted(PictureSource source) {
            this.source = source;
            this.given = source.shape();
            this.scaled = scaled(given);
            this.fitted = fitted(given);
        }

        @Override
        public VideoShape shape() {
            int count = given.frames();
            return new VideoShape(
                    given.members(), count <= 0 ? count : count(count), fitted.height, fitted.width, channels);
        }

        private int count(int frames) {
            return way == Way.PAD ? 1 + Math.ceilDiv(frames - 1, Fitting.this.frames) * Fitting.this.frames : frames;
        }

        @Override
        public Optional<Frame> next() throws IOException {
            boolean ended = given.frames() != VideoShape.UNKNOWN && read >= given.frames();
            Optional<Picture> next = ended ? Optional.empty() : source.next();
            if (next.isPresent()) {
                read++;
                last = fit(next.get());
                return Optional.of(last);
            }
            if (way == Way.PAD
                    && last != null
                    && (ended || given.frames() == VideoShape.UNKNOWN)
                    && read < count(read)) {
                read++;
                return Optional.of(last);
            }
            if (!ended || ++member >= given.members()) return Optional.empty();
            read = 0;
            return next();
        }

        private Frame fit(Picture picture) {
            Frame frame = (channels == 3 ? picture.over(Background.BLACK) : picture).toFrame();
            if (frame.height() != given.height() || frame.width() != given.width()) return frame; // refused later
            if (frame.height() != scaled.height || frame.width() != scaled.width)
                frame = Resampling.of(frame, scaled.height, scaled.width);
            return scaled.equals(fitted) ? frame : cut(frame);
        }

        /** The middle of the frame, or the frame with its last row and column repeated. */
        private Frame cut(Frame frame) {
            int c = frame.channels(), top = Math.max(0, (scaled.height - fitted.height) / 2);
            int left = Math.max(0, (scaled.width - fitted.width) / 2), copied = Math.min(scaled.width, fitted.width);
            float[] pixels = new float[c * fitted.height * fitted.width];
            for (int y = 0; y < fitted.height; y++) {
                int row = c * y * fitted.width, from = Math.min(top + y, scaled.height - 1);
                MemorySegment.copy(
                        frame.pixels(),
                        ValueLayout.JAVA_FLOAT_UNALIGNED,
                        4L * c * ((long) from * scaled.width + left),
                        pixels,
                        row,
                        c * copied);
                for (int x = copied; x < fitted.width; x++)
                    System.arraycopy(pixels, row + c * (copied - 1), pixels, row + c * x, c);
            }
            return Frame.of(fitted.height, fitted.width, pixels);
        }

        @Override
        public void close() throws IOException {
            source.close();
        }
    }
}
