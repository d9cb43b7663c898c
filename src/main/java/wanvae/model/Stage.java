package wanvae.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;

/**
 * What happens at one resolution: the 3x3 convolution of the enlarged input (not in the first stage), the residual blocks, and the doubling in
 * time (where the configuration says so). The enlargement that ends an up_block of the reference therefore begins our next stage, so that a
 * stage's large frames are made only when it is their turn.
 */
final class Stage {
    /** What a stage hands on: raw frames, and in Wan 2.2 the block's input, from which the next stage's shortcut comes. Frames are the pass's. */
    record Carry(Frames frames, Frames shortcut) {}

    private final boolean residual, doubles;
    private final int width, enlargedWidth;
    private final Convolution enlarge;
    private final MemorySegment enlargeBias;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    private final Convolution timeEven, timeOdd;
    private final MemorySegment evenBias, oddBias;
    private final int factorT;

    /**
     * @param index    number of the up_block
     * @param count    residual blocks
     * @param width    channels of their outputs
     * @param doubles  whether this stage ends with the doubling in time
     * @param factorT  whether the stage before did: 2, else 1 (Wan 2.2's shortcut needs it)
     * @param enlarged channels behind the enlarging convolution
     * @param residual Wan 2.2's shortcuts
     */
    Stage(Weights weights, int index, int count, int width, boolean doubles, int factorT, int enlarged, boolean residual) throws IOException {
        this.width = width;
        this.doubles = doubles;
        this.factorT = factorT;
        this.residual = residual;
        this.enlargedWidth = enlarged;
        String before = upsampler(index - 1, residual), name = upsampler(index, residual);
        enlarge = index == 0 ? null : weights.conv3x3(before + ".resample.1.weight", true);
        enlargeBias = index == 0 ? null : weights.vector(before + ".resample.1.bias");
        for (int i = 0; i < count; i++) blocks.add(new ResidualBlock(weights, "decoder.up_blocks." + index + ".resnets." + i, width));
        // time_conv's 2C output channels are (2, C): the first half makes the even frame.
        timeEven = doubles ? weights.pointwise(name + ".time_conv.weight", 0, width) : null;
        timeOdd = doubles ? weights.pointwise(name + ".time_conv.weight", width, 2 * width) : null;
        evenBias = doubles ? weights.vector(name + ".time_conv.bias", 0, width) : null;
        oddBias = doubles ? weights.vector(name + ".time_conv.bias", width, 2 * width) : null;
    }

    private static String upsampler(int block, boolean residual) {
        return "decoder.up_blocks." + block + (residual ? ".upsampler" : ".upsamplers.0");
    }

    Wanted wants() {
        return blocks.getFirst().wants();
    }

    /** Channels of the stage's result. */
    int width() {
        return width;
    }

    /**
     * The enlarging convolution of frames {@code from} to {@code to} of what the stage before handed on.
     *
     * @param first whether this is the first chunk, whose single frame was not doubled
     */
    Feature enlarge(Pass pass, Carry carry, int from, int to, boolean first) {
        Frames in = carry.frames().slice(from, to);
        int height = 2 * in.height(), columns = 2 * in.width();
        Feature x = wants().allocate(pass, null, in.count(), height, columns, enlargedWidth);
        if (residual) pass.dupUp(carry.shortcut(), first ? factorT - 1 : from, factorT, x.raw());
        pass.run(enlarge, in, wants().epilogue(enlargeBias, residual ? x.raw() : null, x));
        pass.release(in);
        return x;
    }

    /** The residual blocks; takes x over. The last one's output is as {@code next} wants it. */
    Feature blocks(Pass pass, Feature x, Wanted next, boolean keepInput) {
        Feature y = x;
        for (int i = 0; i < blocks.size(); i++)
            y = blocks.get(i).forward(pass, y, keepInput && i == 0, i + 1 < blocks.size() ? blocks.get(i + 1).wants() : next);
        return y;
    }

    /** The residual blocks and the doubling in time, for a stage that is not the last; takes x over. */
    Carry forward(Pass pass, Feature x, boolean first) {
        Frames input = x.raw();
        Feature y = blocks(pass, x, Wanted.RAW, residual);
        return new Carry(doubles && !first ? doubled(pass, y.raw()) : y.raw(), residual ? input : null);
    }

    /** time_conv never sees the first chunk's frame: its past begins as zeros in the second chunk. */
    private Frames doubled(Pass pass, Frames x) {
        Frames even = pass.frames(x.count(), x.height(), x.width(), width), odd = pass.frames(x.count(), x.height(), x.width(), width);
        pass.runCausalPair(timeEven, Epilogue.plain(evenBias, even), timeOdd, Epilogue.plain(oddBias, odd), x);
        MemorySegment[] frames = new MemorySegment[2 * x.count()];
        for (int i = 0; i < frames.length; i++) frames[i] = (i % 2 == 0 ? even : odd).frames()[i / 2];
        return new Frames(frames, x.height(), x.width(), width);
    }
}
