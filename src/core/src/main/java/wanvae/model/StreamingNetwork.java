package wanvae.model;

import java.io.IOException;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;

/**
 * A causal network that takes a clip a few frames at a time: a chain of stages, which may enlarge pictures (a decoder)
 * or reduce them (an encoder). Boundary 0 is the network's input, boundary {@code i} what stage {@code i} receives from
 * the stage before, boundary {@link #stages()} the network's output.
 *
 * <p>The chain can be cut at any boundary. A part that has the largest pictures, the last stages of a decoder or the
 * first ones of an encoder, can compute a window of its output instead of whole pictures. The bits of the result do not
 * depend on cuts, windows or bands.
 */
public interface StreamingNetwork {
    /** Number of stages. */
    int stages();

    /** Frames that enter the network together; the first one of a clip goes alone. */
    int group();

    /**
     * Shape of what flows across a boundary.
     *
     * @param clip what enters: latents, or pictures in patches; its batch size and channels do not matter
     */
    StageShape shape(LatentShape clip, int boundary);

    /** The number of bands of rows in which the largest frames stay small when whole pictures are made. */
    int bands(LatentShape clip);

    /**
     * Plans how the stages between two boundaries make a window of their output.
     *
     * @param from  boundary where the frames enter
     * @param to    boundary where they leave
     * @param window part of the pictures at {@code to}. It must be all of them where the stages include a decoder's
     *               first one or not its last one, or include an encoder's last one
     * @param bands at most this many; fewer where bands would be lower than the layers reach beyond them
     * @param sizes sizes of frames, shared by all plans of a run
     */
    BandPlan plan(LatentShape clip, int from, int to, Window window, int bands, FrameSizes sizes);

    /**
     * Takes all frames of one clip through the stages between two boundaries.
     *
     * @param plan   plan of these stages, made by this network
     * @param source supplies the frames at boundary {@code from}
     * @param sink   takes the frames at boundary {@code to}
     */
    void run(
            ForwardContext context,
            LatentShape clip,
            int from,
            int to,
            BandPlan plan,
            StageSource source,
            StageSink sink)
            throws IOException;

    /** A plan for whole pictures from input to output. */
    default BandPlan plan(LatentShape clip, int bands) {
        return plan(clip, 0, stages(), shape(clip, stages()).picture(), bands, new FrameSizes());
    }

    /** Takes all frames of one clip from input to output. */
    default void run(ForwardContext context, LatentShape clip, BandPlan plan, StageSource source, StageSink sink)
            throws IOException {
        run(context, clip, 0, stages(), plan, source, sink);
    }
}
