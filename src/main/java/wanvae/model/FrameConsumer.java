package wanvae.model;

import java.io.IOException;
import wanvae.kernel.Frames;

/** Takes decoded frames in order. */
@FunctionalInterface
interface FrameConsumer {
    /** @param frames conv_out's frames, {@code [H][W][outChannels]}, valid during the call */
    void accept(Frames frames) throws IOException;
}
