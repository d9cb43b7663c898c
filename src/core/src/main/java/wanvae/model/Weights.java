package wanvae.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import wanvae.kernel.Border;
import wanvae.kernel.Convolution;
import wanvae.kernel.DirectConv;
import wanvae.kernel.IsFinite;
import wanvae.kernel.Simd;
import wanvae.kernel.TemporalConv;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.WinogradConv;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

/**
 * Makes a model's layers from a store.
 *
 * @param store   where the tensors come from
 * @param arena   owner of the weights
 * @param values  the tensors by name, each in whole blocks of channels, filled up with zeros
 * @param bytes   of all of them, wherever they lie
 */
public record Weights(TensorStore store, Arena arena, Map<String, MemorySegment> values, long bytes) {
    private static final int BLOCK = 4 * Simd.CHANNEL_BLOCK;

    /**
     * Reads all tensors, several at a time. Kernels that the file holds as they are stay where it is mapped.
     *
     * @param arena          will own the weights
     * @param allowNonfinite accept NaN and infinite weights
     * @throws InternalError if a mapped file was cut meanwhile
     */
    public static Weights read(TensorStore store, Arena arena, boolean allowNonfinite, int threads) throws IOException {
        List<TensorInfo> tensors = List.copyOf(store.tensors().values());
        Map<String, MemorySegment> values = new ConcurrentHashMap<>();
        try (Team team = new Team(threads, () -> false)) {
            run(team, tensors.stream().filter(Weights::isKernel).toList(), tensor -> {
                store.map(tensor.name(), arena).ifPresent(mapped -> values.put(tensor.name(), mapped));
            });
            List<TensorInfo> others = tensors.stream()
                    .filter(tensor -> !values.containsKey(tensor.name()))
                    .toList();
            MemorySegment all = LargeMemory.allocate(
                    arena, others.stream().mapToLong(Weights::room).sum());
            long end = 0;
            for (TensorInfo tensor : others) values.put(tensor.name(), all.asSlice(end, -end + (end += room(tensor))));
            run(
                    team,
                    others,
                    tensor ->
                            store.read(tensor.name(), values.get(tensor.name()).asSlice(0, 4 * tensor.elements())));
            if (!allowNonfinite)
                run(team, tensors, tensor -> {
                    if (!IsFinite.all(values.get(tensor.name())))
                        throw nonfinite(store, tensor.name(), values.get(tensor.name()));
                });
        } catch (CancellationException e) { // only an interruption cancels this
            throw new ClosedByInterruptException();
        }
        return new Weights(
                store, arena, values, tensors.stream().mapToLong(Weights::room).sum());
    }

    @FunctionalInterface
    private interface TensorTask {
        void run(TensorInfo tensor) throws IOException;
    }

    private static void run(Team team, List<TensorInfo> tensors, TensorTask task) throws IOException {
        try {
            team.run(tensors.size(), (i, worker) -> {
                try {
                    task.run(tensors.get(i));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Whether it is a kernel of 3x3, in whole blocks: these are read value by value when they are transformed ({@link
     * WinogradConv}).
     */
    private static boolean isKernel(TensorInfo tensor) {
        long[] shape = tensor.shape();
        return shape.length >= 4 && shape[shape.length - 1] == 3 && room(tensor) == 4 * tensor.elements();
    }

    private static long room(TensorInfo tensor) {
        return Math.ceilDiv(4 * tensor.elements(), BLOCK) * BLOCK;
    }

    private static FormatException nonfinite(TensorStore store, String name, MemorySegment values) {
        long i = 0;
        while (Float.isFinite(values.getAtIndex(ValueLayout.JAVA_FLOAT, i))) i++;
        return new FormatException(store.path() + ": tensor " + name + " holds "
                + values.getAtIndex(ValueLayout.JAVA_FLOAT, i) + " at element " + i
                + "; only finite weights are decoded with unless nonfinite ones are allowed.");
    }

    /** A vector of C floats (a bias, a norm's gamma), padded with zeros. */
    public MemorySegment vector(String name) throws IOException {
        info(name);
        return values.get(name);
    }

    /** A convolution {@code [out][in][3][3][3]} or, per frame, {@code [out][in][3][3]}. */
    public Convolution conv3x3(String name, boolean upsample) throws IOException {
        return conv3x3(name, upsample, Border.ZEROS);
    }

    /** A causal convolution {@code [out][in][3][3][3]} beyond whose frames their edges are repeated. */
    public Convolution replicating(String name, boolean upsample) throws IOException {
        return conv3x3(name, upsample, Border.REPLICATE);
    }

    /**
     * The convolution of a frame that makes the parts of a causal convolution {@code [out][in][3][3][3]} to few
     * channels.
     */
    public Convolution parts(String name) throws IOException {
        long[] shape = info(name).shape();
        return TimeTaps.parts(arena, tensor(name), (int) shape[0], (int) shape[1]);
    }

    /** A bias of so many zeros. */
    public MemorySegment zeros(int channels) {
        return arena.allocate(4L * Simd.padded(channels), 64);
    }

    private Convolution conv3x3(String name, boolean upsample, Border border) throws IOException {
        long[] shape = info(name).shape();
        int out = (int) shape[0], in = (int) shape[1];
        boolean temporal = shape.length == 5;
        return new WinogradConv(arena, tensor(name), out, in, temporal, upsample, border);
    }

    /**
     * The rows {@code from} (inclusive) to {@code to} (exclusive) of a convolution {@code [out][in][kt][1][1]} or
     * {@code [out][in](…)}.
     */
    public Convolution pointwise(String name, int from, int to) throws IOException {
        long[] shape = info(name).shape();
        int kt = shape.length == 5 ? (int) shape[2] : 1;
        long row = 4 * shape[1] * kt;
        MemorySegment rows = tensor(name).asSlice(from * row, (to - from) * row);
        return kt == 3
                ? new TemporalConv(arena, rows, to - from, (int) shape[1])
                : new DirectConv(arena, rows, to - from, (int) shape[1], kt, 1, 1, Border.ZEROS);
    }

    public Convolution pointwise(String name) throws IOException {
        return pointwise(name, 0, (int) info(name).shape()[0]);
    }

    public boolean has(String name) {
        return store.tensors().containsKey(name);
    }

    /** The elements {@code from} to {@code to} of a vector, padded with zeros. */
    public MemorySegment vector(String name, int from, int to) throws IOException {
        MemorySegment padded = arena.allocate(4L * Simd.padded(to - from), 64);
        MemorySegment.copy(vector(name), 4L * from, padded, 0, 4L * (to - from));
        return padded;
    }

    private TensorInfo info(String name) throws FormatException {
        TensorInfo info = store.tensors().get(name);
        if (info == null) throw new FormatException(store.path() + " has no tensor " + name + ".");
        return info;
    }

    private MemorySegment tensor(String name) throws FormatException {
        long bytes = 4 * info(name).elements();
        return values.get(name).asSlice(0, bytes);
    }
}
