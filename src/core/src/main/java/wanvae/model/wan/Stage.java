package wanvae.model.wan;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import wanvae.kernel.Convolution;
import wanvae.kernel.Epilogue;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.kernel.WinogradConv;
import wanvae.model.Feature;
import wanvae.model.Layout;
import wanvae.model.Pass;
import wanvae.model.Weights;

/**
 * What happens at one resolution: the doubling in time (where the configuration says so), the 3x3 convolution of the
 * enlarged input (neither in the first stage), and the residual blocks. What ends an up_block of the reference
 * therefore begins our next stage, so that a stage's large frames are made only when it is their turn.
 */
public final class Stage {
    /**
     * What a stage hands on: raw frames, and in Wan 2.2 the block's input, from which the next stage's shortcut comes.
     * Frames are the pass's.
     */
    public record Carry(Frames frames, Frames shortcut) {}

    private final boolean residual;
    private final int width, before, enlargedWidth;
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
     * @param before   channels of what the stage before hands on
     * @param factorT  2 where this stage begins with the doubling in time, else 1
     * @param enlarged channels behind the enlarging convolution
     * @param residual Wan 2.2's shortcuts
     */
    public Stage(
            Weights weights, int index, int count, int width, int before, int factorT, int enlarged, boolean residual)
            throws IOException {
        this.width = width;
        this.before = before;
        this.factorT = factorT;
        this.residual = residual;
        this.enlargedWidth = enlarged;
        String name = "decoder.up_blocks." + (index - 1) + (residual ? ".upsampler" : ".upsamplers.0");
        enlarge = index == 0 ? null : weights.conv3x3(name + ".resample.1.weight", true);
        enlargeBias = index == 0 ? null : weights.vector(name + ".resample.1.bias");
        for (int i = 0; i < count; i++)
            blocks.add(new ResidualBlock(weights, "decoder.up_blocks." + index + ".resnets." + i, width));
        // time_conv's 2C output channels are (2, C): the first half makes the even frame.
        boolean doubles = factorT == 2;
        timeEven = doubles ? weights.pointwise(name + ".time_conv.weight", 0, before) : null;
        timeOdd = doubles ? weights.pointwise(name + ".time_conv.weight", before, 2 * before) : null;
        evenBias = doubles ? weights.vector(name + ".time_conv.bias", 0, before) : null;
        oddBias = doubles ? weights.vector(name + ".time_conv.bias", before, 2 * before) : null;
    }

    public Wanted wants() {
        return blocks.getFirst().wants();
    }

    /** Channels of the stage's result. */
    public int width() {
        return width;
    }

    /** Whether its convolutions compute tiles of six rows. */
    public boolean hasTallTiles() {
        return WinogradConv.isTall(Math.max(width, enlargedWidth));
    }

    /** How many frames this stage makes of one that it is handed, behind the first chunk. */
    public int factorT() {
        return factorT;
    }

    /**
     * Adds this stage to a layout. @return the pixels of what it is handed that it needs where these of its output are
     * wanted
     */
    public Window layOut(Layout layout, Window wanted) {
        Window x = wanted;
        for (int i = blocks.size() - 1; i >= 0; i--) x = blocks.get(i).layOut(layout, x);
        if (residual) x = x.union(wanted); // the next stage's shortcut comes from x
        return enlarge == null ? x : enlarge.reads(layout.add(enlarge, x));
    }

    /**
     * Frames {@code from} to {@code to} of what the stage before handed on, doubled in time where this stage does that,
     * counted behind the doubling. They are the pass's, and those they come from released.
     *
     * @param first whether this is the first chunk, whose single frame is not doubled: time_conv never sees it, its
     *              past begins as zeros in the second
     */
    public Frames timed(Pass pass, Carry carry, int from, int to, boolean first) {
        if (factorT == 1 || first) return carry.frames().slice(from, to);
        Frames x = carry.frames().slice(from / factorT, to / factorT);
        // Half of them for a moment in what waits for causal frames: they are as large as the past of the stage before.
        Frames even = pass.causalFrames(x.count(), x.window(), before),
                odd = pass.frames(x.count(), x.window(), before);
        pass.runCausalPair(timeEven, Epilogue.plain(evenBias, even), timeOdd, Epilogue.plain(oddBias, odd), x);
        pass.release(x);
        MemorySegment[] frames = new MemorySegment[2 * x.count()];
        for (int i = 0; i < frames.length; i++) frames[i] = (i % 2 == 0 ? even : odd).frames()[i / 2];
        return new Frames(frames, x.window(), before);
    }

    /**
     * The enlarging convolution.
     *
     * @param in    frames that {@link #timed} gave, which stay the caller's
     * @param carry what they come from
     * @param from  the first one's number
     * @param first whether this is the first chunk
     */
    public Feature enlarge(Pass pass, Frames in, Carry carry, int from, boolean first) {
        Layout.Piece piece = pass.piece(enlarge, in.window().doubled());
        Feature x = wants().allocate(pass, null, in.count(), piece.frames(), enlargedWidth);
        if (residual) pass.dupUp(carry.shortcut(), first ? factorT - 1 : from, factorT, x.raw(), piece.fresh());
        pass.run(enlarge, in, wants().epilogue(enlargeBias, residual ? x.raw() : null, x, piece.fresh()));
        return x;
    }

    /** The residual blocks; takes x over. The last one's output is as {@code next} wants it. */
    public Feature blocks(Pass pass, Feature x, Wanted next, boolean keepInput) {
        Feature y = x;
        for (int i = 0; i < blocks.size(); i++)
            y = blocks.get(i)
                    .forward(
                            pass,
                            y,
                            keepInput && i == 0,
                            i + 1 < blocks.size() ? blocks.get(i + 1).wants() : next);
        return y;
    }

    /** The residual blocks of a stage that is not the last; takes x over. */
    public Carry forward(Pass pass, Feature x) {
        Frames input = x.raw();
        Feature y = blocks(pass, x, Wanted.RAW, residual);
        return new Carry(y.raw(), residual ? input : null);
    }
}
