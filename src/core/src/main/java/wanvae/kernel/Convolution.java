package wanvae.kernel;

import wanvae.runtime.Team;

/**
 * A convolution with its weights ready, by whichever algorithm suits it. Immutable and safe for many decodes at once.
 */
public interface Convolution {
    /** Floating-point operations of one output pixel by direct convolution, a multiply-add counted as two. */
    long operations();

    /** Floating-point operations of a run with this epilogue, counted as {@link #operations()} counts. */
    default long operations(Epilogue epilogue) {
        Window window = epilogue.window();
        return (long) epilogue.out().count() * window.height() * window.width() * operations();
    }

    /** Bytes of the transformed weights that it keeps beside the original ones; 0 where its algorithm needs none. */
    default long transformedBytes() {
        return 0;
    }

    /**
     * Bytes of transformed weights that a run on these frames needs room for. A run that needs only a part of the
     * transformed weights keeps none.
     */
    default long transformedBytes(Frames in) {
        return transformedBytes();
    }

    /**
     * The window that is computed where this one is wanted: the same, or a larger one where the algorithm works in
     * tiles.
     */
    default Window computes(Window wanted) {
        return wanted;
    }

    /** The input pixels that computing this window reads. */
    Window reads(Window computed);

    /** Bytes of scratch that each worker needs for outputs of this size. */
    long scratchBytes(int height, int width);

    /**
     * Computes the epilogue's window, which must be one that {@link #computes} leaves as it is.
     *
     * @param in       the past frames that the kernel reaches back to (null: zeros), then T new ones; their window must
     *                 contain the pixels that {@link #reads} names for the epilogue's window
     * @param norm     applied to the frames while they are read, but not to the zeros beyond them; null: none
     * @param epilogue where T frames go; must not overlap {@code in}
     */
    void run(Team team, Workspace workspace, Frames in, GroupNorm norm, Epilogue epilogue);

    /** Convolves frames that need no norm. */
    default void run(Team team, Workspace workspace, Frames in, Epilogue epilogue) {
        run(team, workspace, in, null, epilogue);
    }

    /**
     * Checks the windows of a run.
     *
     * @throws IllegalArgumentException if they break the rules of {@link #run}
     */
    default void requireWindows(Frames in, Epilogue epilogue) {
        Window window = epilogue.window();
        if (!computes(window).equals(window) || !in.window().contains(reads(window)))
            throw new IllegalArgumentException("from " + in.window() + " it cannot compute " + window);
    }
}
