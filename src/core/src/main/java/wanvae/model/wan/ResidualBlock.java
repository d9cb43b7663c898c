package wanvae.model.wan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.Feature;
import wanvae.model.Layout;
import wanvae.model.Pass;
import wanvae.model.Weights;

/** {@code x + conv2(silu(norm2(conv1(silu(norm1(x))))))}, with a pointwise convolution of x where the width changes. */
public final class ResidualBlock {
    private final MemorySegment norm1, norm2, bias1, bias2, shortcutBias;
    private final Convolution conv1, conv2, shortcut;
    private final int out;

    public ResidualBlock(Weights weights, String name, int out) throws IOException {
        this.out = out;
        norm1 = weights.vector(name + ".norm1.gamma");
        conv1 = weights.conv3x3(name + ".conv1.weight", false);
        bias1 = weights.vector(name + ".conv1.bias");
        norm2 = weights.vector(name + ".norm2.gamma");
        conv2 = weights.conv3x3(name + ".conv2.weight", false);
        bias2 = weights.vector(name + ".conv2.bias");
        boolean changes = weights.has(name + ".conv_shortcut.weight");
        shortcut = changes ? weights.pointwise(name + ".conv_shortcut.weight") : null;
        shortcutBias = changes ? weights.vector(name + ".conv_shortcut.bias") : null;
    }

    /** How this block wants its input. */
    public Wanted wants() {
        return new Wanted(true, norm1, true, true);
    }

    /** Adds this block to a layout. @return the pixels of x it needs where these of its output are wanted */
    public Window layOut(Layout layout, Window wanted) {
        Window y = layout.add(conv2, wanted);
        return conv1.reads(layout.add(conv1, conv2.reads(y))).union(y);
    }

    /** Takes x over, except for {@code x.raw()} where {@code keep} says that someone else still needs it. */
    public Feature forward(Pass pass, Feature x, boolean keep, Wanted next) {
        Frames raw = x.raw();
        int count = raw.count();
        Layout.Piece inner = pass.piece(conv1, raw.window()), outer = pass.piece(conv2, raw.window());
        Frames residual = raw;
        if (shortcut != null) {
            residual = pass.frames(count, outer.fresh(), out);
            pass.run(shortcut, raw, Epilogue.plain(shortcutBias, residual));
            if (!keep) pass.release(raw);
        }
        Frames hidden = pass.causalFrames(count, inner.frames(), out);
        pass.runCausal(conv1, x.activated(), new Epilogue(bias1, null, null, norm2, true, hidden, inner.fresh()));
        boolean own = shortcut != null || !keep;
        Frames reuse = own && residual.window().contains(outer.frames()) ? residual : null;
        Feature y = next.allocate(pass, reuse, count, outer.frames(), out);
        pass.runCausal(conv2, hidden, next.epilogue(bias2, residual, y, outer.fresh()));
        if (own && y.raw() != residual) pass.release(residual);
        return y;
    }
}
