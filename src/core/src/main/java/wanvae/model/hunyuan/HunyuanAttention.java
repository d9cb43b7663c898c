package wanvae.model.hunyuan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.model.GroupNormWeights;
import wanvae.model.Pass;
import wanvae.model.Weights;

/**
 * {@code x + to_out(attention(to_q, to_k, to_v of norm(x)))}: one head; the pixels of a frame see those of their own
 * and all earlier frames.
 */
public final class HunyuanAttention {
    private final int groups, channels;
    private final GroupNormWeights norm;
    private final Convolution[] qkv = new Convolution[3];
    private final MemorySegment[] qkvBias = new MemorySegment[3];
    private final Convolution out;
    private final MemorySegment outBias;

    public HunyuanAttention(Weights weights, String name, int groups, int channels) throws IOException {
        this.groups = groups;
        this.channels = channels;
        norm = new GroupNormWeights(weights, name + ".group_norm", groups);
        for (int i = 0; i < 3; i++) {
            qkv[i] = weights.pointwise(name + ".to_" + "qkv".charAt(i) + ".weight");
            qkvBias[i] = weights.vector(name + ".to_" + "qkv".charAt(i) + ".bias");
        }
        out = weights.pointwise(name + ".to_out.0.weight");
        outBias = weights.vector(name + ".to_out.0.bias");
    }

    /** Takes x over; its frames become the result's. */
    public Measured forward(Pass pass, Measured x) {
        Frames in = x.frames();
        Frames[] parts = new Frames[3];
        for (int i = 0; i < 3; i++) {
            parts[i] = pass.frames(in.count(), in.height(), in.width(), channels);
            pass.run(qkv[i], in, norm, x.moments(), false, Epilogue.plain(qkvBias[i], parts[i]));
        }
        pass.release(x.moments());
        Frames mixed = pass.frames(in.count(), in.height(), in.width(), channels);
        pass.causalAttention(parts[0], parts[1], parts[2], mixed);
        for (Frames part : parts) pass.release(part);
        Measured y = new Measured(in, pass.moments(in.count(), in.height(), in.width(), channels, groups));
        pass.run(out, mixed, y.gathering(outBias, in));
        pass.release(mixed);
        return y;
    }
}
