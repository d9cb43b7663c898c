package wanvae.model;

import java.io.IOException;
import wanvae.kernel.Frames;

/** Takes decoded frames in order, each group of them window by window from the top. */
@FunctionalInterface
public interface FrameConsumer {
    /**
     * @param frame  number of the first of these frames
     * @param frames conv_out's frames, {@code [H][W][outChannels]} of their window, valid during the call
     */
    void accept(int frame, Frames frames) throws IOException;
}
