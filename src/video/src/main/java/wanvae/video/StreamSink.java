package wanvae.video;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import wanvae.frame.VideoShape;
import wanvae.video.picture.Picture;
import wanvae.video.picture.PictureSink;

/** Sends one video to a stream or channel of the caller's, which stays open. */
final class StreamSink implements PictureSink {
    private final Opening opening;
    private final String ending;
    private final List<String> warnings = new ArrayList<>();
    private final CallOrder order = new CallOrder();
    private CheckedClip clip;

    /** Starts a video. */
    interface Opening {
        /** @param warnings receives what the user should know */
        Clip open(VideoShape shape, List<String> warnings) throws IOException;
    }

    /** @param ending of files that take the same video */
    StreamSink(String ending, Opening opening) {
        this.ending = ending;
        this.opening = opening;
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public void begin(VideoShape shape) throws IOException {
        order.begin();
        if (shape.frames() == 0 || shape.members() == 0) throw new IOException("there are no frames to write");
        if (shape.members() > 1)
            throw new IOException("a stream takes one video, not a batch of " + shape.members()
                    + ": name a file ending in " + ending + " instead");
        clip = new CheckedClip(opening.open(shape, warnings), shape, 0);
    }

    @Override
    public void picture(int member, int index, Picture picture) throws IOException {
        order.picture();
        clip.picture(member, index, picture);
    }

    @Override
    public void finish() throws IOException {
        order.finish();
        clip.finish();
    }

    @Override
    public void close() throws IOException {
        order.close();
        if (clip != null) clip.close();
    }
}
