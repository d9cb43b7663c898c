package wanvae.model.tae;

import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/**
 * Nearest enlargement, TGrow and a 3x3 convolution. TGrow's 1x1 convolution and the one behind it are composed, so that
 * neither enlarged frames nor frames between the two convolutions are ever made.
 */
final class EnlargingConv implements Upsampling {
    private final ConvLayer[] parts;
    private final int width;
    private final boolean relu;

    /**
     * @param grow    name of TGrow's convolution
     * @param conv    name of the convolution behind it
     * @param in      channels of the input
     * @param rows    channels that TGrow makes in the file; only the last ones are used
     * @param factorT frames that TGrow makes of one
     * @param width   channels of the output
     * @param relu    whether ReLU follows
     */
    EnlargingConv(Weights weights, String grow, String conv, int in, int rows, int factorT, int width, boolean relu) {
        this.width = width;
        this.relu = relu;
        parts = new ConvLayer[factorT];
        for (int i = 0; i < factorT; i++) {
            int first = rows - (factorT - i) * in;
            parts[i] = weights.upsampledConv2d(grow, first, first + in, conv);
        }
    }

    @Override
    public Window addTo(RegionPlan plan, Window wanted) {
        Window needed = null;
        for (ConvLayer part : parts) needed = part.kernel().reads(plan.add(part.kernel(), wanted));
        return needed;
    }

    /** Enlarging convolutions have tiles of four rows of the input. */
    @Override
    public boolean hasTallTiles() {
        return false;
    }

    @Override
    public Frames forward(CausalContext context, Frames x, int from, int to, boolean causal) {
        Window window = context.region(parts[0], x.window().doubled()).needed();
        Frames out = causal ? context.causalFrames(to - from, window, width) : context.frames(to - from, window, width);
        Upsampling.grow(parts, x, from, to, out, (layer, in, y) -> {
            Epilogue epilogue = relu ? Epilogue.relu(layer.bias(), null, y) : layer.to(y);
            context.run(layer, in, epilogue.within(context.region(layer, window).computed()));
        });
        return out;
    }
}
