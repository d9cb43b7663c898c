package wanvae.model.tae;

import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/**
 * {@code x + conv.3(relu(conv.1(conv.0(x, past))))} with a depthwise 7x7 convolution and two of 1x1: {@code
 * SuperMemBlock}.
 */
final class SuperMemoryBlock implements TaeBlock {
    private final ConvLayer depthwise, widen, narrow;
    private final int width;

    SuperMemoryBlock(Weights weights, String name, int width) {
        this.width = width;
        depthwise = weights.memoryDepthwise(name + ".conv.0");
        widen = weights.pointwise(name + ".conv.1");
        narrow = weights.pointwise(name + ".conv.3");
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window y = plan.add(narrow.kernel(), wanted);
        return depthwise.kernel().reads(y).union(y);
    }

    /** Frames between x and y hold only those pixels of y that are computed. */
    @Override
    public Frames forward(CausalContext context, Frames x, boolean causal) {
        int count = x.count();
        RegionPlan.Region region = context.region(narrow, x.window());
        Window window = region.computed();
        Frames all = context.withPast(depthwise, x);
        Frames mixed = context.frames(count, window, 2 * width);
        context.run(depthwise, all, depthwise.to(mixed));
        Frames wide = context.frames(count, window, 4 * width);
        context.run(widen, mixed, Epilogue.relu(widen.bias(), null, wide));
        context.release(mixed);
        Frames y = causal
                ? context.causalFrames(count, region.needed(), width)
                : context.frames(count, region.needed(), width);
        context.run(narrow, wide, new Epilogue(narrow.bias(), x, y, null, false, null, window));
        context.release(wide);
        context.keepPast(depthwise, all);
        return y;
    }
}
