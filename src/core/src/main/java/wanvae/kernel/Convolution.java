package wanvae.kernel;

import wanvae.runtime.Team;

/**
 * A convolution with its weights ready; which algorithm it runs is its own affair. Immutable and safe for many decodes
 * at once.
 */
public interface Convolution {
    /** Floating-point operations of one output pixel by direct convolution, a multiply-add counted as two. */
    long operations();

    /** Floating-point operations of a run with this epilogue, counted as {@link #operations()} counts. */
    default long operations(Epilogue epilogue) {
        Window window = epilogue.window();
        return (long) epilogue.out().count() * window.height() * window.width() * operations();
    }

    /** Bytes of weights transformed for its algorithm, beside the weights themselves (0: none). */
    default long transformedBytes() {
        return 0;
    }

    /** How many of these bytes a run with such frames needs. One that needs only some of them leaves none behind. */
    default long transformedBytes(Frames in) {
        return transformedBytes();
    }

    /** What is computed where these pixels are wanted: the same, or more where it computes in tiles. */
    default Window computes(Window wanted) {
        return wanted;
    }

    /** The pixels of the input that computing this window takes. */
    Window reads(Window computed);

    /** Scratch that each worker of a team of this size needs for outputs of this size. */
    long scratchBytes(int height, int width);

    /**
     * Convolves: computes the epilogue's window, which {@link #computes} would not enlarge.
     *
     * @param in       the past frames the kernel reaches back to (null: zeros), then T new ones; their window contains
     *                 what the epilogue's {@link #reads}
     * @param norm     applied to the frames while they are read (not to zeros beyond them), or null
     * @param epilogue where T frames go; must not overlap {@code in}
     */
    void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue);

    /** Convolves frames as they are. */
    default void run(Team team, Workspace workspace, Frames in, Epilogue epilogue) {
        run(team, workspace, in, null, epilogue);
    }

    /** Refuses windows that break the rule above. */
    default void requireWindows(Frames in, Epilogue epilogue) {
        Window window = epilogue.window();
        if (!computes(window).equals(window) || !in.window().contains(reads(window)))
            throw new IllegalArgumentException("from " + in.window() + " it cannot compute " + window);
    }
}
