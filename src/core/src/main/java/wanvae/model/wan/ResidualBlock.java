package wanvae.model.wan;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Border;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.Activation;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.FusedNorm;
import wanvae.model.RegionPlan;
import wanvae.model.Weights;

/** {@code x + conv2(silu(norm2(conv1(silu(norm1(x))))))}, with a 1x1x1 convolution of x where the width changes. */
final class ResidualBlock {
    private final MemorySegment norm1, norm2;
    private final ConvLayer conv1, conv2;
    /** Null where the width stays. */
    private final ConvLayer shortcut;

    private final int out;

    ResidualBlock(Weights weights, String name, int out) {
        this.out = out;
        norm1 = weights.vector(name + ".norm1.gamma");
        conv1 = weights.causalConv3d(name + ".conv1", Border.ZEROS);
        norm2 = weights.vector(name + ".norm2.gamma");
        conv2 = weights.causalConv3d(name + ".conv2", Border.ZEROS);
        shortcut = weights.has(name + ".conv_shortcut") ? weights.pointwise(name + ".conv_shortcut") : null;
    }

    /** The norm at this block's input. */
    FusedNorm inputNorm() {
        return new FusedNorm(true, norm1, true, true);
    }

    /** Adds this block to a plan. Returns the pixels of x that it needs to make these pixels of its output. */
    Window addTo(RegionPlan plan, Window wanted) {
        Window y = plan.add(conv2.kernel(), wanted);
        Window hidden = plan.add(conv1.kernel(), conv2.kernel().reads(y));
        return conv1.kernel().reads(hidden).union(y);
    }

    /** Runs the block; takes ownership of x, except for {@code x.raw()} if {@code keepRaw}. */
    Activation forward(CausalContext context, Activation x, boolean keepRaw, FusedNorm next) {
        Frames raw = x.raw();
        int count = raw.count();
        RegionPlan.Region inner = context.region(conv1, raw.window()), outer = context.region(conv2, raw.window());
        Frames residual = raw;
        if (shortcut != null) {
            residual = context.frames(count, outer.computed(), out);
            context.run(shortcut, raw, shortcut.to(residual));
            if (!keepRaw) context.release(raw);
        }
        Frames hidden = context.causalFrames(count, inner.needed(), out);
        context.runCausal(
                conv1, x.normalised(), new Epilogue(conv1.bias(), null, null, norm2, true, hidden, inner.computed()));
        boolean ownsResidual = shortcut != null || !keepRaw;
        Frames reuse = ownsResidual && residual.window().contains(outer.needed()) ? residual : null;
        Activation y = next.allocate(context, reuse, count, outer.needed(), out);
        context.runCausal(conv2, hidden, next.epilogue(conv2.bias(), residual, y, outer.computed()));
        if (ownsResidual && y.raw() != residual) context.release(residual);
        return y;
    }
}
