package wanvae.video;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Background;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/** Puts pictures with alpha on a background, and adds a warning if anything was transparent. */
final class Compositing implements PictureSink {
    private final PictureSink inner;
    private final Background background;
    private boolean told;

    /** @param inner closed with this sink */
    Compositing(PictureSink inner, Background background) {
        this.inner = inner;
        this.background = background;
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        inner.begin(new VideoShape(shape.members(), shape.frames(), shape.height(), shape.width()));
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        told |= !picture.isOpaque();
        inner.picture(member, index, picture.over(background));
    }

    @Override
    public void finish() throws IOException {
        inner.finish();
    }

    @Override
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>(inner.warnings());
        if (told) warnings.add("what is transparent is shown on " + background);
        return warnings;
    }

    @Override
    public void close() throws IOException {
        inner.close();
    }
}
