package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.kernel.Window;

/**
 * Runs the operations of a network. There are two implementations: a {@link LiveContext} computes, a {@link DryContext}
 * only counts what a live one would take. A network makes the same calls to both and never asks which one it has.
 *
 * <p>Frames come from the context's {@link FramePool} and must be released to it. A context belongs to one thread.
 */
public sealed interface ForwardContext permits LiveContext, DryContext {
    /** The memory of the activations. */
    FramePool pool();

    /** Runs a convolution, for the epilogue's window. */
    void run(ConvLayer layer, Frames in, Epilogue epilogue);

    /**
     * Runs a convolution of frames that are normalised while they are read.
     *
     * @param moments moments of {@code in}
     * @param silu    whether SiLU follows the norm
     */
    void run(ConvLayer layer, Frames in, GroupNormWeights norm, GroupMoments moments, boolean silu, Epilogue epilogue);

    /** Sums the parts of a causal convolution: {@link wanvae.kernel.TimeTaps#sum}. */
    void sumTimeTaps(Frames parts, MemorySegment bias, Frames out);

    /** Attention of each pixel to the pixels of its own frame. */
    void attention(Frames q, Frames k, Frames v, Frames out);

    /** Attention of each pixel to the pixels of its own frame and of all frames before. */
    void causalAttention(Frames q, Frames k, Frames v, Frames out);

    /** Wan 2.2's upsampling shortcut: {@link wanvae.kernel.DupUp3D#run}. */
    void dupUp(Frames in, int first, int factorT, Frames out, Window window);

    /** {@code 3 · tanh(x / 3)} in place: {@link wanvae.kernel.SoftClamp#run}. */
    void softClamp(Frames frames);

    /** PyTorch's {@code pixel_shuffle}: {@link wanvae.kernel.PixelShuffle#run}. */
    void pixelShuffle(Frames in, int factor, Frames out);

    /** Wan 2.2's downsampling shortcut: {@link wanvae.kernel.AvgDown3D#run}. */
    void avgDown(Frames in, int factorT, int factorS, boolean adds, Frames out, Window window);

    /** Normalises whole frames: {@link wanvae.kernel.RmsNorm#run}. */
    void normalise(Frames in, MemorySegment gamma, boolean silu, Frames out);

    /** Copies these pixels of all frames. */
    void copy(Frames target, Frames source, Window pixels);

    /** How many frames of a source there are: {@link StageSource#available}. */
    int available(StageSource source, int first, int most) throws IOException;

    /** Fills frames from a source, beginning with frame {@code first} of the clip. */
    void read(StageSource source, int first, StageOutput target) throws IOException;

    /** Hands frames to a sink, beginning with frame {@code first} of the clip. They stay the caller's. */
    void deliver(StageSink sink, int first, StageOutput output) throws IOException;

    /** Allocates frames for a window of a picture. */
    default Frames frames(int count, Window window, int channels) {
        long bytes = Frames.bytes(window.height(), window.width(), channels);
        MemorySegment[] frames = new MemorySegment[count];
        for (int i = 0; i < count; i++) frames[i] = pool().acquire(bytes, false);
        return new Frames(frames, window, channels);
    }

    /** Allocates frames for whole pictures. */
    default Frames frames(int count, int height, int width, int channels) {
        return frames(count, Window.whole(height, width), channels);
    }

    /** Releases frames; null is ignored. */
    default void release(Frames frames) {
        if (frames != null) for (MemorySegment frame : frames.frames()) pool().release(frame);
    }

    /** Releases frames and their shortcut. */
    default void release(StageOutput output) {
        release(output.frames());
        release(output.shortcut());
    }

    /** Allocates memory for the moments of frames. */
    default GroupMoments moments(int count, int height, int width, int channels, int groups) {
        MemorySegment[] memory = new MemorySegment[count];
        for (int i = 0; i < count; i++) memory[i] = pool().acquire(GroupMoments.bytes(height, width, groups), false);
        return new GroupMoments(memory, height, width, channels, groups);
    }

    /** Releases moments; null is ignored. */
    default void release(GroupMoments moments) {
        if (moments != null) for (MemorySegment frame : moments.frames()) pool().release(frame);
    }
}
