package wanvae.model.hunyuan;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Border;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.GroupNormWeights;
import wanvae.model.Weights;

/** {@code x + conv2(silu(norm2(conv1(silu(norm1(x))))))}, with a 1x1x1 convolution of x where the width changes. */
final class HunyuanResnet {
    /** Frames that go through {@link #replace} together, after the first: the convolutions compute four at a time. */
    private static final int GROUP = 4;

    private final GroupNormWeights norm1, norm2;
    private final ConvLayer conv1, conv2;
    /** Null where the width stays. */
    private final ConvLayer shortcut;

    private final int groups, out;

    HunyuanResnet(Weights weights, String name, int groups, int out) {
        this.groups = groups;
        this.out = out;
        norm1 = new GroupNormWeights(weights, name + ".norm1");
        conv1 = weights.causalConv3d(name + ".conv1.conv", Border.REPLICATE);
        norm2 = new GroupNormWeights(weights, name + ".norm2");
        conv2 = weights.causalConv3d(name + ".conv2.conv", Border.REPLICATE);
        shortcut = weights.has(name + ".conv_shortcut.conv") ? weights.pointwise(name + ".conv_shortcut.conv") : null;
    }

    /**
     * Runs the block; takes ownership of x, whose frames become the result's unless there is a shortcut.
     *
     * @param measured whether a norm follows, which needs the result's moments
     */
    ActivationWithMoments forward(ForwardContext context, ActivationWithMoments x, boolean measured) {
        Frames in = x.frames(), residual = in;
        int count = in.count(), height = in.height(), width = in.width();
        ActivationWithMoments hidden;
        if (shortcut == null) {
            hidden = ActivationWithMoments.allocate(context, count, height, width, out, groups);
            context.run(conv1, RepeatedFrames.behindFirst(in), norm1, x.moments(), true, hidden.from(conv1, null));
        } else {
            MemorySegment[] hiddenFrames = new MemorySegment[count], residualFrames = new MemorySegment[count];
            GroupMoments moments = context.moments(count, height, width, out, groups);
            replace(context, x, moments, hiddenFrames, residualFrames);
            hidden = new ActivationWithMoments(new Frames(hiddenFrames, height, width, out), moments);
            residual = new Frames(residualFrames, height, width, out);
        }
        context.release(x.moments());
        var y = new ActivationWithMoments(
                residual, measured ? context.moments(count, height, width, out, groups) : null);
        context.run(
                conv2,
                RepeatedFrames.behindFirst(hidden.frames()),
                norm2,
                hidden.moments(),
                true,
                y.from(conv2, residual));
        hidden.release(context);
        return y;
    }

    /**
     * Makes the outputs of conv1 and of the shortcut, and releases each frame of x as soon as both have been computed
     * from it: x is the largest activation of all.
     */
    private void replace(
            ForwardContext context,
            ActivationWithMoments x,
            GroupMoments moments,
            MemorySegment[] hidden,
            MemorySegment[] residual) {
        Frames in = x.frames(), all = RepeatedFrames.behindFirst(in);
        for (int from = 0, to = 1, done = 0; from < in.count(); from = to, to = Math.min(in.count(), to + GROUP)) {
            Frames y = context.frames(to - from, in.height(), in.width(), out);
            context.run(
                    conv1,
                    all.slice(from, to + 2),
                    norm1,
                    x.moments(),
                    true,
                    Epilogue.gathering(conv1.bias(), null, y, moments.slice(from, to)));
            System.arraycopy(y.frames(), 0, hidden, from, to - from);
            int past = to == in.count() ? to : to - 2; // the next group reaches back two frames
            for (; done < past; done++) {
                Frames frame = in.slice(done, done + 1), one = context.frames(1, in.height(), in.width(), out);
                context.run(shortcut, frame, shortcut.to(one));
                context.release(frame);
                residual[done] = one.frames()[0];
            }
        }
    }
}
