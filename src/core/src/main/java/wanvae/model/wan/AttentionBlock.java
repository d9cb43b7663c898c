package wanvae.model.wan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.model.Feature;
import wanvae.model.Pass;
import wanvae.model.Weights;

/** {@code x + proj(attention(to_qkv(norm(x))))}: one head over all pixels of each frame. */
public final class AttentionBlock {
    private final int channels;
    private final MemorySegment norm, projBias;
    private final Convolution[] qkv = new Convolution[3];
    private final MemorySegment[] qkvBias = new MemorySegment[3];
    private final Convolution proj;

    public AttentionBlock(Weights weights, String name, int channels) throws IOException {
        this.channels = channels;
        norm = weights.vector(name + ".norm.gamma");
        for (int i = 0; i < 3; i++) {
            qkv[i] = weights.pointwise(name + ".to_qkv.weight", i * channels, (i + 1) * channels);
            qkvBias[i] = weights.vector(name + ".to_qkv.bias", i * channels, (i + 1) * channels);
        }
        proj = weights.pointwise(name + ".proj.weight");
        projBias = weights.vector(name + ".proj.bias");
    }

    public Wanted wants() {
        return new Wanted(true, norm, false, false);
    }

    /** Takes x over. */
    public Feature forward(Pass pass, Feature x, Wanted next) {
        int count = x.raw().count(), height = x.raw().height(), width = x.raw().width();
        Frames[] parts = new Frames[3];
        for (int i = 0; i < 3; i++) {
            parts[i] = pass.frames(count, height, width, channels);
            pass.run(qkv[i], x.activated(), Epilogue.plain(qkvBias[i], parts[i]));
        }
        Frames mixed = x.activated();
        pass.attention(parts[0], parts[1], parts[2], mixed);
        for (Frames part : parts) pass.release(part);
        Feature y = next.allocate(pass, x.raw(), count, x.raw().window(), channels);
        pass.run(proj, mixed, next.epilogue(projBias, x.raw(), y, x.raw().window()));
        pass.release(mixed);
        if (y.raw() != x.raw()) pass.release(x.raw());
        return y;
    }
}
