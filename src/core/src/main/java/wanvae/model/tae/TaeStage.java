package wanvae.model.tae;

import java.util.ArrayList;
import java.util.List;
import wanvae.config.TaeConfig;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.BandedStage;
import wanvae.model.CausalContext;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/**
 * All layers of the decoder at one resolution: the upsampling from the resolution before (none in the first stage), and
 * the memory blocks (none in the last one).
 */
final class TaeStage implements BandedStage {
    private static final int BLOCKS = 3;

    private final int width, factorT;
    /** Null in the first stage. */
    private final Upsampling upsampling;

    private final List<TaeBlock> blocks = new ArrayList<>();

    /** @param index 0 for the resolution of the latents */
    TaeStage(Weights weights, TaeConfig config, int index) {
        width = config.widths().get(index);
        factorT = index == 0 ? 1 : config.factorT(index - 1);
        upsampling = index == 0 ? null : upsampling(weights, config, index - 1);
        for (int i = 0; i < BLOCKS && index < TaeConfig.STAGES; i++) {
            int number = (config.isSuper() ? 1 + 7 * index : 3 + 6 * index) + i;
            blocks.add(TaeBlock.of(weights, "decoder." + number, config.isSuper(), width));
        }
    }

    private Upsampling upsampling(Weights weights, TaeConfig config, int before) {
        int in = config.widths().get(before), growth = config.growth().get(before);
        if (config.isSuper())
            return new ShufflingConv(
                    weights,
                    "decoder." + (4 + 7 * before),
                    "decoder." + (7 + 7 * before) + ".conv",
                    in,
                    growth * width,
                    factorT,
                    width);
        return new EnlargingConv(
                weights,
                "decoder." + (7 + 6 * before) + ".conv",
                "decoder." + (8 + 6 * before),
                in,
                growth * in,
                factorT,
                width,
                before == TaeConfig.STAGES - 1);
    }

    @Override
    public int width() {
        return width;
    }

    /** Frames this stage makes of one. */
    int factorT() {
        return factorT;
    }

    @Override
    public boolean hasTallTiles() {
        return !blocks.isEmpty() || upsampling != null && upsampling.hasTallTiles();
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window x = blocks(plan, wanted);
        return upsampling == null ? x : upsampling.addTo(plan, x);
    }

    private Window blocks(RegionPlan plan, Window wanted) {
        Window x = wanted;
        for (TaeBlock block : blocks.reversed()) x = block.addTo(plan, x);
        return x;
    }

    /** Whether a block of this stage keeps the last frame of its input. */
    boolean isCausal() {
        return !blocks.isEmpty();
    }

    /**
     * Makes frames {@code from} to {@code to} of this stage from those of the stage before, which stay the caller's.
     */
    Frames forward(CausalContext context, Frames x, int from, int to) {
        return blocks(context, upsampling.forward(context, x, from, to, isCausal()));
    }

    /** Runs the memory blocks; takes ownership of x. */
    Frames blocks(CausalContext context, Frames x) {
        Frames y = x;
        for (TaeBlock block : blocks) y = block.forward(context, y, block != blocks.getLast());
        return y;
    }
}
