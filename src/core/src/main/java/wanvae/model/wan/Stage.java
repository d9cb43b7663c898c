package wanvae.model.wan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.kernel.WinogradConv;
import wanvae.model.Activation;
import wanvae.model.BandedStage;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.FusedNorm;
import wanvae.model.RegionPlan;
import wanvae.model.StageOutput;
import wanvae.model.Weights;

/**
 * All layers at one resolution: the upsampler that ends the up_block before (none in the first stage), and the residual
 * blocks of this up_block. The reference upsamples at the end of an up_block; here the next stage begins with it, so
 * that large frames are made only when their stage is about to use them.
 */
final class Stage implements BandedStage {
    private final boolean residual;
    private final int width, inputWidth, upsampledWidth, factorT;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    /** resample.1 behind the nearest 2x enlargement; null in the first stage. */
    private final ConvLayer upsample;
    /** The halves of time_conv, which make even and odd frames; null where this stage does not double time. */
    private final ConvLayer timeEven, timeOdd;

    /**
     * @param index          number of the up_block
     * @param count          residual blocks
     * @param width          channels of the stage's output
     * @param inputWidth     channels of the output of the stage before
     * @param factorT        2 if the stage doubles time, else 1
     * @param upsampledWidth channels of the upsampler's output
     * @param residual       whether Wan 2.2's shortcut is added to the upsampler's output
     */
    Stage(
            Weights weights,
            int index,
            int count,
            int width,
            int inputWidth,
            int factorT,
            int upsampledWidth,
            boolean residual) {
        this.width = width;
        this.inputWidth = inputWidth;
        this.factorT = factorT;
        this.residual = residual;
        this.upsampledWidth = upsampledWidth;
        for (int i = 0; i < count; i++)
            blocks.add(new ResidualBlock(weights, "decoder.up_blocks." + index + ".resnets." + i, width));
        String upsampler = "decoder.up_blocks." + (index - 1) + (residual ? ".upsampler" : ".upsamplers.0");
        upsample = index == 0 ? null : weights.upsampledConv2d(upsampler + ".resample.1");
        // time_conv's 2C output channels are (2, C): the first half makes the even frame.
        boolean doubles = factorT == 2;
        timeEven = doubles ? weights.timeConv(upsampler + ".time_conv", 0, inputWidth) : null;
        timeOdd = doubles ? weights.timeConv(upsampler + ".time_conv", inputWidth, 2 * inputWidth) : null;
    }

    /** The norm at the input of the residual blocks. */
    FusedNorm inputNorm() {
        return blocks.getFirst().inputNorm();
    }

    @Override
    public int width() {
        return width;
    }

    /** Frames this stage makes of one, after the first frame of a clip. */
    int factorT() {
        return factorT;
    }

    @Override
    public boolean hasTallTiles() {
        return WinogradConv.isTall(Math.max(width, upsampledWidth));
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window x = wanted;
        for (ResidualBlock block : blocks.reversed()) x = block.addTo(plan, x);
        if (residual) x = x.union(wanted); // the next stage's shortcut reads x
        return upsample == null ? x : upsample.kernel().reads(plan.add(upsample.kernel(), x));
    }

    /**
     * time_conv: the frames {@code from} to {@code to}, numbered as they are after the doubling. The caller owns them;
     * the input frames they come from are released.
     *
     * @param first whether this is the first frame of the clip, which is not doubled: time_conv never sees it, so
     *              time_conv's past is zeros when the second frame comes
     */
    Frames doubleTime(CausalContext context, StageOutput input, int from, int to, boolean first) {
        if (factorT == 1 || first) return input.frames().slice(from, to);
        Frames x = input.frames().slice(from / factorT, to / factorT);
        // The even frames lie briefly in slots of causal frames, because those of the stage before have the same size.
        Frames even = context.causalFrames(x.count(), x.window(), inputWidth),
                odd = context.frames(x.count(), x.window(), inputWidth);
        context.runCausalPair(timeEven, timeEven.to(even), timeOdd, timeOdd.to(odd), x);
        context.release(x);
        MemorySegment[] frames = new MemorySegment[2 * x.count()];
        for (int i = 0; i < frames.length; i++) frames[i] = (i % 2 == 0 ? even : odd).frames()[i / 2];
        return new Frames(frames, x.window(), inputWidth);
    }

    /**
     * resample.1, with Wan 2.2's shortcut.
     *
     * @param x     from {@link #doubleTime}; stays the caller's
     * @param input what x comes from
     * @param from  number of x's first frame within what the input becomes
     * @param first whether this is the first frame of the clip
     */
    Activation upsample(CausalContext context, Frames x, StageOutput input, int from, boolean first) {
        RegionPlan.Region region = context.region(upsample, x.window().doubled());
        Activation y = inputNorm().allocate(context, null, x.count(), region.needed(), upsampledWidth);
        if (residual)
            context.forward().dupUp(input.shortcut(), first ? factorT - 1 : from, factorT, y.raw(), region.computed());
        context.run(
                upsample, x, inputNorm().epilogue(upsample.bias(), residual ? y.raw() : null, y, region.computed()));
        return y;
    }

    /** Runs the residual blocks; takes ownership of x. The output has the norm {@code next}. */
    Activation blocks(CausalContext context, Activation x, FusedNorm next) {
        return blocks(context, x, next, false);
    }

    /** Runs the residual blocks of a stage that is not the last; takes ownership of x. */
    StageOutput output(CausalContext context, Activation x) {
        Activation y = blocks(context, x, FusedNorm.NONE, residual);
        return new StageOutput(y.raw(), residual ? x.raw() : null);
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
