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

    @Override
    public Frames forward(CausalContext context, Frames x, boolean causal) {
        Frames all = context.withPast(conv0, x);
        Frames first = layer(context, conv0, all, null, context.frames(x.count(), needed(context, conv0, x), width));
        Frames second = layer(context, conv2, first, null, context.frames(x.count(), needed(context, conv2, x), width));
        context.release(first);
        Window window = needed(context, conv4, x);
        Frames y = causal ? context.causalFrames(x.count(), window, width) : context.frames(x.count(), window, width);
        layer(context, conv4, second, x, y);
        context.release(second);
        context.keepPast(conv0, all);
        return y;
    }

    private static Window needed(CausalContext context, ConvLayer layer, Frames x) {
        return context.region(layer, x.window()).needed();
    }

    private static Frames layer(CausalContext context, ConvLayer layer, Frames in, Frames residual, Frames out) {
        Window computed = context.region(layer, out.window()).computed();
        context.run(layer, in, Epilogue.relu(layer.bias(), residual, out).within(computed));
        return out;
    }
}
