package wanvae.video;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import wanvae.frame.VideoShape;
import wanvae.runtime.PendingFile;
import wanvae.video.image.PngFormat;
import wanvae.video.image.PngStream;
import wanvae.video.picture.Fps;
import wanvae.video.picture.Picture;

/**
 * Writes PNG, still or animated: RGB, or RGBA if frames have alpha, with 16 bits if frames have them, else 8. Floats
 * are rounded as diffusers rounds for PIL.
 */
public final class PngWriter extends ClipWriter {
    /** Browsers show a frame of less than 11 ms for 100 ms. */
    private static final int MOST_A_SECOND = 90;

    /** The frame rate of an animation; empty for a still image. */
    private final Optional<Fps> fps;

    private PngWriter(Path target, Optional<Fps> fps, IfExists ifExists) throws IOException {
        super(target, ifExists);
        this.fps = fps;
    }

    /**
     * A writer of single frames. Its {@link #begin} refuses more than one frame a member.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static PngWriter create(Path target, IfExists ifExists) throws IOException {
        return new PngWriter(target, Optional.empty(), ifExists);
    }

    /**
     * A writer of animated PNGs that loop for ever.
     *
     * @throws IOException in one sentence if that cannot be
     */
    public static PngWriter animated(Path target, Fps fps, IfExists ifExists) throws IOException {
        return new PngWriter(target, Optional.of(fps), ifExists);
    }

    /** The bytes of a PNG that holds one picture, for a response or an attachment. */
    public static byte[] encode(Picture picture) {
        return PngStream.image(picture);
    }

    @Override
    Clip open(PendingFile file, VideoShape shape, List<String> warnings) throws IOException {
        if (fps.isPresent() && fps.get().value() > MOST_A_SECOND)
            warnings.add("browsers show animated PNGs of more than " + MOST_A_SECOND
                    + " frames a second, like this one of " + fps.get() + ", at 10");
        if (fps.isPresent()) return new Animation(file, shape, fps.get());
        if (shape.frames() > 1) throw tooMany(Integer.toString(shape.frames()));
        return new Still(file.stream());
    }

    private static IOException tooMany(String frames) {
        return new IOException("a .png takes one frame and there are " + frames
                + ", which a folder, a pattern such as frames-%05d.png or a file ending in .apng takes");
    }

    private static final class Still implements Clip {
        private final OutputStream out;
        private boolean written;

        Still(OutputStream out) {
            this.out = out;
        }

        @Override
        public void picture(Picture picture) throws IOException {
            if (written) throw tooMany("more");
            out.write(encode(picture));
            written = true;
        }

        @Override
        public void finish() throws IOException {
            out.flush();
        }
    }

    private static final class Animation implements Clip {
        private final PendingFile file;
        private final VideoShape shape;
        private PngStream png;
        private final int delayNumerator;
        private final int delayDenominator;
        private int frames;

        Animation(PendingFile file, VideoShape shape, Fps fps) {
            this.file = file;
            this.shape = shape;
            // The format's fractions have 16 bits. A delay that needs more is rounded to the nearest millisecond.
            boolean exact = Math.max(fps.numerator(), fps.denominator()) < 1 << 16;
            delayNumerator = exact ? fps.denominator() : Math.clamp(Math.round(1000 / fps.value()), 1, 65535);
            delayDenominator = exact ? fps.numerator() : 1000;
        }

        @Override
        public void picture(Picture picture) throws IOException {
            if (png == null)
                begin(new PngFormat(shape.channels() == 4, PngFormat.of(picture).deep()));
            png.frame(picture, delayNumerator, delayDenominator);
            frames++;
        }

        private void begin(PngFormat format) throws IOException {
            png = new PngStream(file.stream(), format, shape.height(), shape.width());
            png.write(PngStream.animationControl(0));
        }

        /** Completes the file. The number of frames precedes them, and is only known at the end. */
        @Override
        public void finish() throws IOException {
            png.end();
            file.channel().write(ByteBuffer.wrap(PngStream.animationControl(frames)), PngStream.ANIMATION_CONTROL_AT);
        }
    }
}
