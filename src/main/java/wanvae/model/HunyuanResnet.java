package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;

/** {@code x + conv2(silu(norm2(conv1(silu(norm1(x))))))}, with a pointwise convolution of x where the width changes. */
final class HunyuanResnet {
    private final GroupNormWeights norm1, norm2;
    private final Convolution conv1, conv2, shortcut;
    private final MemorySegment bias1, bias2, shortcutBias;
    private final int groups, out;

    HunyuanResnet(Weights weights, String name, int groups, int out) throws IOException {
        this.groups = groups;
        this.out = out;
        norm1 = new GroupNormWeights(weights, name + ".norm1", groups);
        conv1 = weights.replicating(name + ".conv1.conv.weight", false);
        bias1 = weights.vector(name + ".conv1.conv.bias");
        norm2 = new GroupNormWeights(weights, name + ".norm2", groups);
        conv2 = weights.replicating(name + ".conv2.conv.weight", false);
        bias2 = weights.vector(name + ".conv2.conv.bias");
        boolean changes = weights.has(name + ".conv_shortcut.conv.weight");
        shortcut = changes ? weights.pointwise(name + ".conv_shortcut.conv.weight") : null;
        shortcutBias = changes ? weights.vector(name + ".conv_shortcut.conv.bias") : null;
    }

    /**
     * Takes x over; without a shortcut its frames become the result's.
     *
     * @param measured whether a norm follows
     */
    Measured forward(Pass pass, Measured x, boolean measured) {
        Frames in = x.frames(), residual = in;
        int count = in.count(), height = in.height(), width = in.width();
        Measured hidden = Measured.allocate(pass, count, height, width, out, groups);
        pass.run(conv1, HunyuanDecoder.behindItself(in), norm1, x.moments(), true, hidden.gathering(bias1, null));
        pass.release(x.moments());
        if (shortcut != null) residual = shortcut(pass, in);
        Measured y = new Measured(residual, measured ? pass.moments(residual, groups) : null);
        pass.run(conv2, HunyuanDecoder.behindItself(hidden.frames()), norm2, hidden.moments(), true, y.gathering(bias2, residual));
        hidden.release(pass);
        return y;
    }

    /** Takes x over, frame by frame: each one's memory is there for the next result. */
    private Frames shortcut(Pass pass, Frames x) {
        MemorySegment[] frames = new MemorySegment[x.count()];
        for (int t = 0; t < frames.length; t++) {
            Frames in = x.slice(t, t + 1), y = pass.frames(1, x.height(), x.width(), out);
            pass.run(shortcut, in, Epilogue.plain(shortcutBias, y));
            pass.release(in);
            frames[t] = y.frames()[0];
        }
        return new Frames(frames, x.height(), x.width(), out);
    }
}
