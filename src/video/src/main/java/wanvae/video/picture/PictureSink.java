package wanvae.video.picture;

import java.io.IOException;
import java.util.List;
import wanvae.frame.Frame;
import wanvae.frame.FrameSink;

/**
 * A {@link FrameSink} that also takes pictures in any other form, so that 8-bit and 4:2:0 material is not converted
 * twice.
 */
public interface PictureSink extends FrameSink {
    /** As {@link #frame}, for a picture in any form. The picture is valid during the call only. */
    void picture(int member, int index, Picture picture) throws IOException;

    /**
     * What the user should know about the output, one sentence each without its full stop. Complete after {@link
     * #finish}.
     */
    default List<String> warnings() {
        return List.of();
    }

    @Override
    default void frame(int member, int index, Frame frame) throws IOException {
        picture(member, index, new SignedPicture(frame));
    }
}
