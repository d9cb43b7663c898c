package wanvae.model.tae;

import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/** A block that sees each frame and the one before it, its memory, and keeps the width. */
sealed interface TaeBlock permits MemoryBlock, SuperMemoryBlock {
    /** Makes the layers of a block. */
    static TaeBlock of(Weights weights, String name, boolean isSuper, int width) {
        return isSuper ? new SuperMemoryBlock(weights, name, width) : new MemoryBlock(weights, name, width);
    }

    /** Adds this block to a plan. Returns the pixels of x that it needs to make these pixels of its output. */
    Window addTo(RegionPlan plan, Window wanted);

    /**
     * Runs the block.
     *
     * @param x      from {@link CausalContext#causalFrames}; this method takes ownership of it
     * @param causal whether a block follows, which keeps the last frame of the output
     */
    Frames forward(CausalContext context, Frames x, boolean causal);
}
