package wanvae.kernel;

/** A convolution with its weights ready; which algorithm it runs is its own affair. Immutable and safe for many decodes at once. */
public interface Convolution {
    /** Floating-point operations of one output pixel by direct convolution, a multiply-add counted as two. */
    long operations();

    /** Bytes of weights transformed for its algorithm, beside the weights themselves (0: none). */
    default long transformedBytes() {
        return 0;
    }

    /** Whether transformed weights are kept from their first use on, whatever the workspace says. */
    default boolean alwaysKept() {
        return true;
    }

    /** Scratch that each worker of a team of this size needs for outputs of this size. */
    long scratchBytes(int height, int width);

    /**
     * Convolves.
     *
     * @param in       the past frames the kernel reaches back to (null: zeros), then T new ones
     * @param epilogue where T frames go; must not overlap {@code in}
     */
    void run(Team team, Workspace workspace, Frames in, Epilogue epilogue);
}
