package wanvae.model.hunyuan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.GroupMoments;
import wanvae.model.GroupNormWeights;
import wanvae.model.Pass;
import wanvae.model.Weights;

/** {@code x + conv2(silu(norm2(conv1(silu(norm1(x))))))}, with a pointwise convolution of x where the width changes. */
public final class HunyuanResnet {
    /**
     * Frames that go together where x leaves behind them: as many as the convolutions take at a time, behind the first.
     */
    private static final int GROUP = 4;

    private final GroupNormWeights norm1, norm2;
    private final Convolution conv1, conv2, shortcut;
    private final MemorySegment bias1, bias2, shortcutBias;
    private final int groups, out;

    public HunyuanResnet(Weights weights, String name, int groups, int out) throws IOException {
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
    public Measured forward(Pass pass, Measured x, boolean measured) {
        Frames in = x.frames(), residual = in;
        int count = in.count(), height = in.height(), width = in.width();
        Measured hidden;
        if (shortcut == null) {
            hidden = Measured.allocate(pass, count, height, width, out, groups);
            pass.run(conv1, HunyuanDecoder.behindItself(in), norm1, x.moments(), true, hidden.gathering(bias1, null));
        } else {
            MemorySegment[] hiddenFrames = new MemorySegment[count], residualFrames = new MemorySegment[count];
            GroupMoments moments = pass.moments(count, height, width, out, groups);
            replace(pass, x, moments, hiddenFrames, residualFrames);
            hidden = new Measured(new Frames(hiddenFrames, height, width, out), moments);
            residual = new Frames(residualFrames, height, width, out);
        }
        pass.release(x.moments());
        Measured y = new Measured(residual, measured ? pass.moments(count, height, width, out, groups) : null);
        pass.run(
                conv2,
                HunyuanDecoder.behindItself(hidden.frames()),
                norm2,
                hidden.moments(),
                true,
                y.gathering(bias2, residual));
        hidden.release(pass);
        return y;
    }

    /**
     * Makes conv1's result and the shortcut's of x, whose frames are released as soon as no other needs them: it is the
     * largest activation of all.
     */
    private void replace(
            Pass pass, Measured x, GroupMoments moments, MemorySegment[] hidden, MemorySegment[] residual) {
        Frames in = x.frames(), behind = HunyuanDecoder.behindItself(in);
        for (int from = 0, to = 1, done = 0; from < in.count(); from = to, to = Math.min(in.count(), to + GROUP)) {
            Frames some = pass.frames(to - from, in.height(), in.width(), out);
            pass.run(
                    conv1,
                    behind.slice(from, to + 2),
                    norm1,
                    x.moments(),
                    true,
                    Epilogue.gathering(bias1, null, some, moments.slice(from, to)));
            System.arraycopy(some.frames(), 0, hidden, from, to - from);
            for (int past = to == in.count() ? to : to - 2;
                    done < past;
                    done++) { // the next group reaches back two frames
                Frames frame = in.slice(done, done + 1), one = pass.frames(1, in.height(), in.width(), out);
                pass.run(shortcut, frame, Epilogue.plain(shortcutBias, one));
                pass.release(frame);
                residual[done] = one.frames()[0];
            }
        }
    }
}
