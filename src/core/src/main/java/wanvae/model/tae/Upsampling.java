package wanvae.model.tae;

import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.model.CausalContext;
import wanvae.model.ConvLayer;
import wanvae.model.RegionPlan;

/** Makes the frames of a stage from those of the stage before: twice as high and wide, and one or two from each. */
sealed interface Upsampling permits EnlargingConv, ShufflingConv {
    /** Adds the layers to a plan. Returns the pixels of the input that they need to make these pixels of the output. */
    Window addTo(RegionPlan plan, Window wanted);

    /** Whether some of the convolutions compute tiles of six rows. */
    boolean hasTallTiles();

    /**
     * Makes output frames {@code from} to {@code to}, numbered as they are after the growth in time.
     *
     * @param x      stays the caller's
     * @param causal whether a block follows, which keeps the last frame of the output
     */
    Frames forward(CausalContext context, Frames x, int from, int to, boolean causal);

    /** Runs one convolution of x's frames, those which make output frames {@code from} to {@code to}. */
    @FunctionalInterface
    interface Part {
        void run(ConvLayer layer, Frames in, Frames out);
    }

    /**
     * Makes output frames by one convolution for each of the frames that one input frame becomes.
     *
     * @param parts a convolution for each of these, in order
     */
    static void grow(ConvLayer[] parts, Frames x, int from, int to, Frames out, Part part) {
        int factor = parts.length;
        for (int i = 0; i < factor; i++) {
            int first = Math.ceilDiv(from - i, factor), last = Math.ceilDiv(to - i, factor);
            if (first == last) continue;
            MemorySegment[] frames = new MemorySegment[last - first];
            for (int k = first; k < last; k++) frames[k - first] = out.frames()[factor * k + i - from];
            part.run(parts[i], x.slice(first, last), new Frames(frames, out.window(), out.channels()));
        }
    }
}
