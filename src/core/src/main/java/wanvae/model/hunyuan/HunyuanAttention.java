package wanvae.model.hunyuan;

import wanvae.kernel.Frames;
import wanvae.model.ConvLayer;
import wanvae.model.ForwardContext;
import wanvae.model.GroupNormWeights;
import wanvae.model.Weights;

/**
 * {@code x + to_out(attention(to_q, to_k, to_v of norm(x)))}: one head; each pixel attends to the pixels of its own
 * frame and of all earlier frames.
 */
final class HunyuanAttention {
    private final int groups, channels;
    private final GroupNormWeights norm;
    private final ConvLayer toQ, toK, toV, toOut;

    HunyuanAttention(Weights weights, String name, int groups, int channels) {
        this.groups = groups;
        this.channels = channels;
        norm = new GroupNormWeights(weights, name + ".group_norm");
        toQ = weights.pointwise(name + ".to_q");
        toK = weights.pointwise(name + ".to_k");
        toV = weights.pointwise(name + ".to_v");
        toOut = weights.pointwise(name + ".to_out.0");
    }

    /** Runs the block; takes ownership of x, whose frames become the result's. */
    ActivationWithMoments forward(ForwardContext context, ActivationWithMoments x) {
        Frames in = x.frames();
        Frames q = project(context, toQ, x), k = project(context, toK, x), v = project(context, toV, x);
        context.release(x.moments());
        Frames mixed = context.frames(in.count(), in.height(), in.width(), channels);
        context.causalAttention(q, k, v, mixed);
        context.release(q);
        context.release(k);
        context.release(v);
        var y = new ActivationWithMoments(in, context.moments(in.count(), in.height(), in.width(), channels, groups));
        context.run(toOut, mixed, y.from(toOut, in));
        context.release(mixed);
        return y;
    }

    private Frames project(ForwardContext context, ConvLayer layer, ActivationWithMoments x) {
        Frames in = x.frames(), y = context.frames(in.count(), in.height(), in.width(), channels);
        context.run(layer, in, norm, x.moments(), false, layer.to(y));
        return y;
    }
}
