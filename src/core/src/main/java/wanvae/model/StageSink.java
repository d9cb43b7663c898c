package wanvae.model;

import java.io.IOException;

/** Takes the frames that leave a network. */
@FunctionalInterface
public interface StageSink {
    /**
     * Takes frames {@code first}, {@code first + 1}, … of the clip. Groups of frames come in order, each of them window
     * by window from the top. Called by live contexts only.
     *
     * @param output valid during the call
     */
    void accept(int first, StageOutput output) throws IOException;
}
