package wanvae.model.wan;

import java.util.List;

/**
 * How many frames of a clip cross each boundary between stages. The first latent frame stays one frame through all
 * stages. Each later frame is doubled by every stage that doubles time.
 *
 * @param factors for each stage 2 if it doubles time, else 1; the first stage does not
 */
record FrameCounts(List<Integer> factors) {
    /** Frames that go through a stage together: the convolutions in time are made for four. */
    static final int GROUP = 4;

    /** Frames at boundary {@code to} for each frame at boundary {@code from} but the first. */
    int factor(int from, int to) {
        int factor = 1;
        for (int stage = from; stage < to; stage++) factor *= factors.get(stage);
        return factor;
    }

    /** Frames of a clip at a boundary. */
    int total(int latentFrames, int boundary) {
        return 1 + (latentFrames - 1) * factor(0, boundary);
    }

    /** Frames that enter at a boundary together, after the first. The stage there makes at most {@link #GROUP}. */
    int group(int boundary) {
        return GROUP / factors.get(boundary);
    }

    /** Number of the first frame at boundary {@code to} that comes from frame {@code i} at boundary {@code from}. */
    int first(int from, int i, int to) {
        return i == 0 ? 0 : 1 + (i - 1) * factor(from, to);
    }
}
