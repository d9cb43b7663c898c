package wanvae.model.tae;

import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/** A 3x3 convolution with ReLU, a pixel shuffle by two and TGrow, as the super decoder has them. */
final class ShufflingConv implements Upsampling {
    private final ConvLayer conv;
    private final ConvLayer[] parts;
    private final int width;

    /**
     * @param conv    name of the 3x3 convolution
     * @param grow    name of TGrow's convolution
     * @param in      channels of the input
     * @param rows    channels that TGrow makes in the file; only the last ones are used
     * @param factorT frames that TGrow makes of one
     * @param width   channels of the output
     */
    ShufflingConv(Weights weights, String conv, String grow, int in, int rows, int factorT, int width) {
        this.width = width;
        this.conv = weights.conv2d(conv);
        parts = new ConvLayer[factorT];
        for (int i = 0; i < factorT; i++) {
            int first = rows - (factorT - i) * width;
            parts[i] = weights.pointwise(grow, first, first + width);
        }
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window shuffled = wanted;
        for (ConvLayer part : parts) shuffled = plan.add(part.kernel(), wanted);
        return conv.kernel().reads(plan.add(conv.kernel(), shuffled.halved()));
    }

    @Override
    public boolean hasTallTiles() {
        return true;
    }

    @Override
    public Frames forward(CausalContext context, Frames x, int from, int to, boolean causal) {
        int factor = parts.length, first = from / factor;
        Frames in = x.slice(first, Math.ceilDiv(to, factor));
        RegionPlan.Region region = context.region(conv, x.window());
        Frames wide = context.frames(in.count(), region.needed(), 4 * width);
        context.run(conv, in, Epilogue.relu(conv.bias(), null, wide).within(region.computed()));
        Frames shuffled = context.frames(in.count(), region.needed().doubled(), width);
        context.forward().pixelShuffle(wide, 2, shuffled);
        context.release(wide);
        RegionPlan.Region grown = context.region(parts[0], shuffled.window());
        Frames out = causal
                ? context.causalFrames(to - from, grown.needed(), width)
                : context.frames(to - from, grown.needed(), width);
        Upsampling.grow(
                parts,
                shuffled,
                from - factor * first,
                to - factor * first,
                out,
                (layer, y, z) -> context.run(layer, y, layer.to(z).within(grown.computed())));
        context.release(shuffled);
        return out;
    }
}
