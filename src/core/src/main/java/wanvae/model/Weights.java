package wanvae.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import wanvae.kernel.Border;
import wanvae.kernel.Simd;
import wanvae.kernel.Stride2Conv;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

/**
 * Makes the layers of a network. There are two implementations: one makes layers with the values of a store, one makes
 * dry layers from shapes alone, which tell what a run takes but cannot run.
 *
 * <p>A layer is called by the name that its {@code .weight} and {@code .bias} share. A name the network does not have
 * is the caller's mistake, an {@link IllegalArgumentException}: checkpoints are checked when they are opened.
 */
public sealed interface Weights permits LoadedWeights, DryWeights {
    /**
     * Reads all tensors of a store, several at a time. Kernels that a file stores in the form that the arithmetic needs
     * are not copied but stay in the mapped file.
     *
     * @param arena          owner of the weights, which lives as long as the layers
     * @param allowNonfinite accept NaN and infinite weights
     * @param team           reads the tensors; only an interruption cancels it
     * @throws FormatException if a value is not finite, unless allowed, in one sentence
     * @throws IOException if a tensor cannot be read
     * @throws InternalError if a mapped file was truncated meanwhile
     */
    static Weights read(TensorStore store, Arena arena, boolean allowNonfinite, Team team) throws IOException {
        return LoadedWeights.read(store, arena, allowNonfinite, team);
    }

    /** As the other {@code read}, with threads of its own; the calling thread is one of them. */
    static Weights read(TensorStore store, Arena arena, boolean allowNonfinite, int threads) throws IOException {
        try (Team team = new Team(threads, () -> false)) {
            return read(store, arena, allowNonfinite, team);
        }
    }

    /** Makes dry layers for tensors of these shapes. */
    static Weights dry(Map<String, long[]> shapes) {
        return new DryWeights(shapes);
    }

    /** Bytes that these tensors take, each in whole blocks of channels, whether in memory or in a mapped file. */
    long bytes();

    /** Bytes of one tensor in whole blocks of channels. */
    static long bytes(TensorInfo tensor) {
        return bytes(tensor.elements());
    }

    static long bytes(long elements) {
        long block = Float.BYTES * Simd.CHANNEL_BLOCK;
        return Math.ceilDiv(Float.BYTES * elements, block) * block;
    }

    /** Whether there is a layer of this name. */
    boolean has(String layer);

    // Where a layer below has no bias, zeros stand for it.

    /** A vector of C floats, such as a norm's gamma, padded with zeros. */
    MemorySegment vector(String tensor);

    /** A 1x1x1 convolution, {@code [out][in]}, which any number of ones may follow. */
    ConvLayer pointwise(String layer);

    /** Rows {@code from} (inclusive) to {@code to} (exclusive) of a 1x1x1 convolution, which make these outputs. */
    ConvLayer pointwise(String layer, int from, int to);

    /** As {@link #pointwise(String, int, int)}, of a causal convolution in time, {@code [out][in][3][1][1]}. */
    ConvLayer timeConv(String layer, int from, int to);

    /**
     * A causal convolution {@code [out][in][3][3][3]}.
     *
     * @param border what lies beyond the edges of a frame; the network decides what lies before the first frame
     */
    ConvLayer causalConv3d(String layer, Border border);

    /**
     * A causal convolution in time, {@code [out][in][3][1][1]}, that makes one frame of two: it sees both of them and
     * the frame before.
     */
    ConvLayer halvingTimeConv(String layer);

    /** A 1x1 convolution, {@code [out][frames·in][1][1]}, that makes one frame of several, the oldest first. */
    ConvLayer pooling(String layer, int frames);

    /** A convolution per frame, {@code [out][in][3][3]}, with stride 2. */
    ConvLayer stride2Conv(String layer, Stride2Conv.Padding padding);

    /** A causal convolution {@code [out][in][3][3][3]} of frames whose height and width are doubled (nearest) first. */
    ConvLayer upsampledCausalConv3d(String layer, Border border);

    /** A convolution per frame, {@code [out][in][3][3]}. */
    ConvLayer conv2d(String layer);

    /** A convolution of each frame and the one before it, {@code [out][2·in][3][3]}: a frame's own channels first. */
    ConvLayer memoryConv2d(String layer);

    /** As {@link #memoryConv2d}, of each channel by itself, {@code [2·in][1][side][side]}. */
    ConvLayer memoryDepthwise(String layer);

    /**
     * Rows of a 1x1 convolution without bias and a 3x3 convolution per frame behind it, composed into one, of frames
     * whose height and width are doubled (nearest) first.
     */
    ConvLayer upsampledConv2d(String pointwise, int from, int to, String layer);

    /** A convolution per frame, {@code [out][in][3][3]}, of frames whose height and width are doubled first. */
    ConvLayer upsampledConv2d(String layer);

    /**
     * The convolution per frame that makes the parts of a causal convolution {@code [out][in][3][3][3]} with few output
     * channels ({@link wanvae.kernel.TimeTaps}). Its own bias is zeros: the layer's is added to the sum of the parts.
     */
    ConvLayer timeTaps(String layer);
}
