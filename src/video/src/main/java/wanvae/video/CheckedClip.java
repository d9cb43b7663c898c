package wanvae.video;

import java.io.IOException;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Picture;

/** A clip that refuses any picture other than the next one of its shape, and refuses to finish before all have come. */
final class CheckedClip implements AutoCloseable {
    private final Clip clip;
    private final VideoShape shape;
    private final int member;
    private int pictures;

    CheckedClip(Clip clip, VideoShape shape, int member) {
        this.clip = clip;
        this.shape = shape;
        this.member = member;
    }

    /** @throws IllegalArgumentException if this is not the next picture */
    void picture(int member, int index, Picture picture) throws IOException {
        if (member != this.member
                || index != pictures
                || shape.frames() != VideoShape.UNKNOWN && index >= shape.frames()
                || picture.height() != shape.height()
                || picture.width() != shape.width())
            throw new IllegalArgumentException("frame " + index + " of member " + member + ", " + picture.width() + "x"
                    + picture.height() + ", is not the next one of " + shape);
        clip.picture(picture);
        pictures++;
    }

    /** @throws IOException with the reason alone, if pictures are missing or the output cannot be completed */
    void finish() throws IOException {
        if (pictures == 0) throw new IOException("there are no frames");
        if (shape.frames() != VideoShape.UNKNOWN && pictures != shape.frames())
            throw new IOException(
                    "member " + member + " ended after " + pictures + " of " + shape.frames() + " frames");
        clip.finish();
    }

    @Override
    public void close() throws IOException {
        clip.close();
    }
}
