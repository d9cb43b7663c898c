package wanvae.model.wan;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.model.Activation;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.FusedNorm;
import wanvae.model.Weights;

/** {@code x + proj(attention(to_qkv(norm(x))))}: one head over all pixels of each frame. */
final class AttentionBlock {
    private final int channels;
    private final MemorySegment norm;
    private final ConvLayer toQ, toK, toV, proj;

    AttentionBlock(Weights weights, String name, int channels) {
        this.channels = channels;
        norm = weights.vector(name + ".norm.gamma");
        toQ = weights.pointwise(name + ".to_qkv", 0, channels);
        toK = weights.pointwise(name + ".to_qkv", channels, 2 * channels);
        toV = weights.pointwise(name + ".to_qkv", 2 * channels, 3 * channels);
        proj = weights.pointwise(name + ".proj");
    }

    /** The norm at this block's input. */
    FusedNorm inputNorm() {
        return new FusedNorm(true, norm, false, false);
    }

    /** Runs the block; takes ownership of x. */
    Activation forward(CausalContext context, Activation x, FusedNorm next) {
        Frames q = project(context, toQ, x), k = project(context, toK, x), v = project(context, toV, x);
        Frames mixed = x.normalised(); // its values are no longer needed
        context.forward().attention(q, k, v, mixed);
        context.release(q);
        context.release(k);
        context.release(v);
        Frames raw = x.raw();
        Activation y = next.allocate(context, raw, raw.count(), raw.window(), channels);
        context.run(proj, mixed, next.epilogue(proj.bias(), raw, y, raw.window()));
        context.release(mixed);
        if (y.raw() != raw) context.release(raw);
        return y;
    }

    private Frames project(CausalContext context, ConvLayer layer, Activation x) {
        Frames y = context.frames(x.raw().count(), x.raw().window(), channels);
        context.run(layer, x.normalised(), layer.to(y));
        return y;
    }
}
