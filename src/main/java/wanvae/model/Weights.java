package wanvae.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import wanvae.checkpoint.Checkpoint;
import wanvae.kernel.Border;
import wanvae.kernel.Convolution;
import wanvae.kernel.DirectConv;
import wanvae.kernel.LargeMemory;
import wanvae.kernel.Simd;
import wanvae.kernel.TemporalConv;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.UpsampleConv;
import wanvae.kernel.WinogradConv;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/**
 * Makes a model's layers from a checkpoint.
 *
 * @param arena          owner of the weights
 * @param allowNonfinite accept NaN and infinite weights
 * @param packed         counts the bytes of the weights
 */
public record Weights(Checkpoint checkpoint, Arena arena, boolean allowNonfinite, long[] packed) {

    public Weights(Checkpoint checkpoint, Arena arena, boolean allowNonfinite) {
        this(checkpoint, arena, allowNonfinite, new long[1]);
    }

    /** Bytes of the weights so far. */
    public long bytes() {
        return packed[0];
    }

    /** A vector of C floats (a bias, a norm's gamma), padded with zeros. */
    MemorySegment vector(String name) throws IOException {
        long elements = info(name).elements();
        MemorySegment padded = arena.allocate(4L * Simd.padded((int) elements), 64);
        read(name, padded.asSlice(0, 4 * elements));
        return padded;
    }

    /** A convolution {@code [out][in][3][3][3]} or, per frame, {@code [out][in][3][3]}. */
    Convolution conv3x3(String name, boolean upsample) throws IOException {
        return conv3x3(name, upsample, Border.ZEROS);
    }

    /** A causal convolution {@code [out][in][3][3][3]} beyond whose frames their edges are repeated. */
    Convolution replicating(String name, boolean upsample) throws IOException {
        return conv3x3(name, upsample, Border.REPLICATE);
    }

    /** The convolution of a frame that makes the parts of a causal convolution {@code [out][in][3][3][3]} to few channels. */
    Convolution parts(String name) throws IOException {
        long[] shape = info(name).shape();
        packed[0] += 4 * info(name).elements();
        try (Arena temporary = Arena.ofShared()) {
            return TimeTaps.parts(arena, tensor(name, temporary), (int) shape[0], (int) shape[1]);
        }
    }

    /** A bias of so many zeros. */
    MemorySegment zeros(int channels) {
        return arena.allocate(4L * Simd.padded(channels), 64);
    }

    private Convolution conv3x3(String name, boolean upsample, Border border) throws IOException {
        long[] shape = info(name).shape();
        MemorySegment weight = tensor(name, arena);
        packed[0] += weight.byteSize();
        int out = (int) shape[0], in = (int) shape[1];
        boolean temporal = shape.length == 5;
        return upsample ? new UpsampleConv(arena, weight, out, in, temporal, border) : new WinogradConv(arena, weight, out, in, temporal, border);
    }

    /** The rows {@code from} (inclusive) to {@code to} (exclusive) of a convolution {@code [out][in][kt][1][1]} or {@code [out][in](…)}. */
    Convolution pointwise(String name, int from, int to) throws IOException {
        long[] shape = info(name).shape();
        int kt = shape.length == 5 ? (int) shape[2] : 1;
        long row = 4 * shape[1] * kt;
        packed[0] += row * (to - from);
        if (kt == 3) return new TemporalConv(arena, tensor(name, arena).asSlice(from * row, (to - from) * row), to - from, (int) shape[1]);
        try (Arena temporary = Arena.ofShared()) {
            return new DirectConv(arena, tensor(name, temporary).asSlice(from * row, (to - from) * row), to - from, (int) shape[1], kt, 1, 1, Border.ZEROS);
        }
    }

    Convolution pointwise(String name) throws IOException {
        return pointwise(name, 0, (int) info(name).shape()[0]);
    }

    boolean has(String name) {
        return checkpoint.tensors().containsKey(name);
    }

    /** The elements {@code from} to {@code to} of a vector, padded with zeros. */
    MemorySegment vector(String name, int from, int to) throws IOException {
        MemorySegment padded = arena.allocate(4L * Simd.padded(to - from), 64);
        MemorySegment.copy(vector(name), 4L * from, padded, 0, 4L * (to - from));
        return padded;
    }

    private TensorInfo info(String name) throws FormatException {
        TensorInfo info = checkpoint.tensors().get(name);
        if (info == null) throw new FormatException(checkpoint.path() + " has no tensor " + name + ".");
        return info;
    }

    private MemorySegment tensor(String name, Arena owner) throws IOException {
        MemorySegment tensor = LargeMemory.allocate(owner, 4 * info(name).elements());
        read(name, tensor);
        return tensor;
    }

    private void read(String name, MemorySegment target) throws IOException {
        checkpoint.read(name, target);
        if (allowNonfinite) return;
        for (long i = 0; i < target.byteSize() / 4; i++) {
            float x = target.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (!Float.isFinite(x)) throw new FormatException(checkpoint.path() + ": tensor " + name + " holds " + x + " at element " + i
                    + "; only finite weights are decoded with unless nonfinite ones are allowed.");
        }
    }
}
