package wanvae.model.tae;

import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/** {@code relu(x + conv.4(relu(conv.2(relu(conv.0(x, past))))))}: {@code MemBlock}. */
final class MemoryBlock implements TaeBlock {
    private final ConvLayer conv0, conv2, conv4;
    private final int width;

    MemoryBlock(Weights weights, String name, int width) {
        this.width = width;
        conv0 = weights.memoryConv2d(name + ".conv.0");
        conv2 = weights.conv2d(name + ".conv.2");
        conv4 = weights.conv2d(name + ".conv.4");
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window y = plan.add(conv4.kernel(), wanted);
        Window second = plan.add(conv2.kernel(), conv4.kernel().reads(y));
        Window first = plan.add(conv0.kernel(), conv2.kernel().reads(second));
        return conv0.kernel().reads(first).union(y);
    }

    /**
     * conv.0 takes all frames at once, the other two one frame after another, so that only one frame exists between
     * them. The output of a whole picture takes the place of x, except for x's last frame, which is kept for the next
     * run. Memory blocks never go in bands, because the rows that bands share are kept once for each layer, not for
     * each of its frames.
     */
    @Override
    public Frames forward(CausalContext context, Frames x, boolean causal) {
        int count = x.count();
        Frames all = context.withPast(conv0, x);
        Frames first = context.frames(count, needed(context, conv0, x), width);
        run(context, conv0, all, null, first);
        Window window = needed(context, conv4, x);
        boolean inPlace = window.equals(x.window());
        Frames y = inPlace
                ? context.inPlaceOf(x, causal)
                : causal ? context.causalFrames(count, window, width) : context.frames(count, window, width);
        for (int t = 0; t < count; t++) {
            Frames second = context.frames(1, needed(context, conv2, x), width), one = first.slice(t, t + 1);
            run(context, conv2, one, null, second);
            context.release(one);
            run(context, conv4, second, x.slice(t, t + 1), y.slice(t, t + 1));
            context.release(second);
        }
        if (inPlace) context.keepLast(conv0, all);
        else context.keepPast(conv0, all);
        return y;
    }

    private static Window needed(CausalContext context, ConvLayer layer, Frames x) {
        return context.region(layer, x.window()).needed();
    }

    private static void run(CausalContext context, ConvLayer layer, Frames in, Frames residual, Frames out) {
        Window computed = context.region(layer, out.window()).computed();
        context.run(layer, in, Epilogue.relu(layer.bias(), residual, out, computed));
    }
}
