package wanvae.model.wan;

import java.util.ArrayList;
import java.util.List;
import wanvae.kernel.AvgDown3D;
import wanvae.kernel.Frames;
import wanvae.kernel.Stride2Conv;
import wanvae.kernel.Window;
import wanvae.model.Activation;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.FusedNorm;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/** A down_block of the encoder: the residual blocks at one resolution, and the downsampler behind them. */
final class Level {
    private final int width, factorT;
    private final boolean residual;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    /** resample.1; null in the last level. */
    private final ConvLayer reduce;
    /** time_conv; null where this level does not halve time. */
    private final ConvLayer halve;

    /**
     * @param blocks      names of the residual blocks
     * @param width       channels of the level's output
     * @param downsampler name of the downsampler, or null
     * @param halvesTime  whether it halves the frames
     * @param residual    whether Wan 2.2's shortcut is added to the level's output
     */
    Level(Weights weights, List<String> blocks, int width, String downsampler, boolean halvesTime, boolean residual) {
        this.width = width;
        this.residual = residual;
        factorT = halvesTime ? 2 : 1;
        for (String block : blocks) this.blocks.add(new ResidualBlock(weights, block, width));
        reduce = downsampler == null
                ? null
                : weights.stride2Conv(downsampler + ".resample.1", Stride2Conv.Padding.BEHIND);
        halve = halvesTime ? weights.halvingTimeConv(downsampler + ".time_conv") : null;
    }

    /** The norm at the level's input. */
    FusedNorm inputNorm() {
        return blocks.getFirst().inputNorm();
    }

    /** Channels of the level's output. */
    int width() {
        return width;
    }

    /** Frames of which this level makes one, after the first frame of a clip. */
    int factorT() {
        return factorT;
    }

    /**
     * Adds a level that has a downsampler to a plan. Returns the pixels of its input that it needs to make these pixels
     * of its output.
     *
     * @param picture the whole input
     */
    Window addTo(RegionPlan plan, Window wanted, Window picture) {
        Window made = addOutputTo(plan, wanted);
        Window x = ((Stride2Conv) reduce.kernel()).reads(made, picture.height(), picture.width());
        for (ResidualBlock block : blocks.reversed()) x = block.addTo(plan, x);
        return residual ? x.union(AvgDown3D.reads(made, 2)) : x;
    }

    /** Adds the downsampler alone. Returns the pixels that it makes. */
    Window addOutputTo(RegionPlan plan, Window wanted) {
        return plan.add(reduce.kernel(), wanted);
    }

    /** The pixels that the downsampler makes: all of its output's picture, if the plan does not say otherwise. */
    RegionPlan.Region made(CausalContext context, Window picture) {
        return context.region(reduce, picture);
    }

    /**
     * Runs the residual blocks and the downsampler.
     *
     * @param x     this method takes ownership of it
     * @param y     where the output goes
     * @param next  the norm of y
     * @param first whether x is the first frame of the clip
     */
    void forward(CausalContext context, Activation x, Activation y, FusedNorm next, boolean first) {
        Frames shortcut = x.raw();
        Frames z = blocks(context, x, FusedNorm.NONE, residual).raw();
        Frames out = y.raw();
        Window made = made(context, out.window()).computed();
        if (residual) context.forward().avgDown(shortcut, factorT, 2, false, out, made);
        Frames sum = residual ? out : null;
        if (halve == null || first) context.run(reduce, z, next.epilogue(reduce.bias(), sum, y, made));
        if (halve != null && (!first || context.remembers())) {
            // time_conv does not see the clip's first frame, but its next run reaches back to it: to the plain one,
            // without shortcut and norm.
            Frames reduced = context.halvedFrames(z.count(), made, width);
            context.run(reduce, z, reduce.to(reduced));
            if (first) context.remember(halve, reduced);
            else context.runHalving(halve, reduced, next.epilogue(halve.bias(), sum, y, made));
        }
        context.release(z);
        if (residual && shortcut != z) context.release(shortcut);
    }

    /** Runs the residual blocks of the last level; takes ownership of x. The output has the norm {@code next}. */
    Activation last(CausalContext context, Activation x, FusedNorm next) {
        if (!residual) return blocks(context, x, next, false);
        // The shortcut is x itself. It is added before the last block runs, because that block only adds to these
        // values.
        Frames shortcut = x.raw();
        Activation y = x;
        for (int i = 0; i < blocks.size() - 1; i++)
            y = blocks.get(i).forward(context, y, i == 0, blocks.get(i + 1).inputNorm());
        context.forward().avgDown(shortcut, 1, 1, true, y.raw(), shortcut.window());
        if (y != x) context.release(shortcut);
        return blocks.getLast().forward(context, y, false, next);
    }

    private Activation blocks(CausalContext context, Activation x, FusedNorm next, boolean keepRaw) {
        Activation y = x;
        for (int i = 0; i < blocks.size(); i++) {
            FusedNorm norm = i + 1 < blocks.size() ? blocks.get(i + 1).inputNorm() : next;
            y = blocks.get(i).forward(context, y, keepRaw && i == 0, norm);
        }
        return y;
    }
}
