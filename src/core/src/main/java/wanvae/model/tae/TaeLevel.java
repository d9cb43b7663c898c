package wanvae.model.tae;

import java.util.ArrayList;
import java.util.List;
import wanvae.config.TaeConfig;
import wanvae.kernel.Frames;
import wanvae.kernel.Stride2Conv;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/**
 * A stage of the encoder: TPool and a convolution with stride 2, then the memory blocks at the resolution they make.
 */
final class TaeLevel {
    private static final int BLOCKS = 3;

    private final int width, factorT;
    private final ConvLayer pool, down;
    private final List<TaeBlock> blocks = new ArrayList<>();

    /** @param index 0 for the resolution of the pictures' patches */
    TaeLevel(Weights weights, TaeConfig config, int index) {
        int first = 2 + 5 * index;
        width = config.encoderWidth();
        factorT = config.pooling().get(index);
        pool = weights.pooling("encoder." + first + ".conv", factorT);
        down = weights.stride2Conv("encoder." + (first + 1), Stride2Conv.Padding.AROUND);
        for (int i = 0; i < BLOCKS; i++) blocks.add(new MemoryBlock(weights, "encoder." + (first + 2 + i), width));
    }

    /** Frames of which this level makes one. */
    int factorT() {
        return factorT;
    }

    /** Adds the level to a plan. Returns the pixels of its input that it needs to make these pixels of its output. */
    Window addTo(RegionPlan plan, Window wanted, Window picture) {
        return addReductionTo(plan, addBlocksTo(plan, wanted), picture);
    }

    /** Adds the memory blocks and the convolution before them. Returns the pixels that this convolution makes. */
    Window addBlocksTo(RegionPlan plan, Window wanted) {
        Window x = wanted;
        for (TaeBlock block : blocks.reversed()) x = block.addTo(plan, x);
        return plan.add(down.kernel(), x);
    }

    /**
     * Adds TPool and the convolution with stride 2. Returns the pixels of the input that they need.
     *
     * @param picture the whole input
     */
    Window addReductionTo(RegionPlan plan, Window wanted, Window picture) {
        Window made = plan.add(down.kernel(), wanted);
        Window x = ((Stride2Conv) down.kernel()).reads(made, picture.height(), picture.width());
        return plan.add(pool.kernel(), x);
    }

    /** The pixels that {@link #reduce} makes: all of its output's picture, if the plan does not say otherwise. */
    Window made(CausalContext context, Window picture) {
        return context.region(down, picture).needed();
    }

    /**
     * TPool and the convolution with stride 2.
     *
     * @param x stays the caller's
     * @param y where the output goes
     */
    void reduce(CausalContext context, Frames x, Frames y) {
        RegionPlan.Region region = context.region(pool, x.window());
        Frames pooled = context.frames(x.count() / factorT, region.needed(), width);
        context.run(pool, x, pool.to(pooled).within(region.computed()));
        context.run(
                down, pooled, down.to(y).within(context.region(down, y.window()).computed()));
        context.release(pooled);
    }

    /** Runs the memory blocks; takes ownership of x. */
    Frames blocks(CausalContext context, Frames x) {
        Frames y = x;
        for (TaeBlock block : blocks) y = block.forward(context, y, block != blocks.getLast());
        return y;
    }
}
