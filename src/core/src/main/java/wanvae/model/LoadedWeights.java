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
import wanvae.kernel.ComposedKernel;
import wanvae.kernel.Convolution;
import wanvae.kernel.DepthwiseConv;
import wanvae.kernel.DirectConv;
import wanvae.kernel.IsFinite;
import wanvae.kernel.Simd;
import wanvae.kernel.Stride2Conv;
import wanvae.kernel.TapsConv;
import wanvae.kernel.TemporalConv;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.WinogradConv;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Team;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;
import wanvae.tensorfile.TensorStore;

/**
 * Makes layers with the values of a store.
 *
 * @param arena   owner of the weights
 * @param tensors descriptions by name
 * @param values  the tensors by name, each padded with zeros to whole blocks of channels
 */
record LoadedWeights(Arena arena, Map<String, TensorInfo> tensors, Map<String, MemorySegment> values)
        implements Weights {

    /** See {@link Weights#read}. */
    static LoadedWeights read(TensorStore store, Arena arena, boolean allowNonfinite, Team team) throws IOException {
        List<TensorInfo> tensors = List.copyOf(store.tensors().values());
        Map<String, MemorySegment> values = new ConcurrentHashMap<>();
        try {
            run(team, tensors.stream().filter(LoadedWeights::isKernel).toList(), tensor -> {
                store.map(tensor.name(), arena)
                        .ifPresent(mapped -> values.put(tensor.name(), checked(tensor, mapped, arena)));
            });
            List<TensorInfo> others = tensors.stream()
                    .filter(tensor -> !values.containsKey(tensor.name()))
                    .toList();
            MemorySegment memory = LargeMemory.allocate(
                    arena, others.stream().mapToLong(Weights::bytes).sum());
            long end = 0;
            for (TensorInfo tensor : others) {
                values.put(tensor.name(), memory.asSlice(end, Weights.bytes(tensor)));
                end += Weights.bytes(tensor);
            }
            run(team, others, tensor -> {
                long bytes = Float.BYTES * tensor.elements();
                MemorySegment value = values.get(tensor.name());
                store.read(tensor.name(), value.asSlice(0, bytes));
                value.asSlice(bytes).fill((byte) 0);
            });
            if (!allowNonfinite)
                run(team, tensors, tensor -> {
                    if (!IsFinite.all(values.get(tensor.name())))
                        throw nonfinite(store, tensor.name(), values.get(tensor.name()));
                });
        } catch (CancellationException e) { // only an interruption cancels this team
            throw new ClosedByInterruptException();
        }
        return new LoadedWeights(arena, store.tensors(), values);
    }

    @Override
    public long bytes() {
        return tensors.values().stream().mapToLong(Weights::bytes).sum();
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
     * Whether this is a 3x3 kernel in whole blocks. Such kernels may stay mapped: they are read value by value when
     * they are transformed ({@link WinogradConv}), which throws and does not end the process if the file is truncated.
     */
    private static boolean isKernel(TensorInfo tensor) {
        long[] shape = tensor.shape();
        return shape.length >= 4
                && shape[shape.length - 1] == 3
                && Weights.bytes(tensor) == Float.BYTES * tensor.elements();
    }

    /**
     * Kernels access memory by address, so a map that is too short, or that another arena frees earlier, must not get
     * there.
     */
    private static MemorySegment checked(TensorInfo tensor, MemorySegment mapped, Arena arena) {
        if (!mapped.isNative()
                || mapped.byteSize() != Float.BYTES * tensor.elements()
                || !mapped.scope().equals(arena.scope()))
            throw new IllegalArgumentException(
                    "the map of tensor " + tensor.name() + " must be its values in native memory of the arena given");
        return mapped;
    }

    private static FormatException nonfinite(TensorStore store, String name, MemorySegment values) {
        long i = 0;
        while (Float.isFinite(values.getAtIndex(ValueLayout.JAVA_FLOAT, i))) i++;
        return new FormatException(store.path() + ": tensor " + name + " holds "
                + values.getAtIndex(ValueLayout.JAVA_FLOAT, i) + " at element " + i
                + "; only finite weights are decoded with unless nonfinite ones are allowed.");
    }

    @Override
    public boolean has(String layer) {
        return values.containsKey(layer + ".weight");
    }

    @Override
    public MemorySegment vector(String tensor) {
        info(tensor);
        return values.get(tensor);
    }

    @Override
    public ConvLayer pointwise(String layer) {
        return new ConvLayer(pointwiseKernel(layer, 0, out(layer)), bias(layer));
    }

    @Override
    public ConvLayer pointwise(String layer, int from, int to) {
        return new ConvLayer(pointwiseKernel(layer, from, to), bias(layer, from, to));
    }

    private Convolution pointwiseKernel(String layer, int from, int to) {
        return new DirectConv(arena, rows(layer, from, to), to - from, in(layer), 1, 1, 1, Border.ZEROS);
    }

    @Override
    public ConvLayer timeConv(String layer, int from, int to) {
        return new ConvLayer(
                new TemporalConv(arena, rows(layer, from, to), to - from, in(layer)), bias(layer, from, to));
    }

    @Override
    public ConvLayer halvingTimeConv(String layer) {
        Convolution kernel = new DirectConv(arena, weight(layer), out(layer), in(layer), 3, 1, 1, 2, Border.ZEROS);
        return new ConvLayer(kernel, bias(layer));
    }

    @Override
    public ConvLayer stride2Conv(String layer, Stride2Conv.Padding padding) {
        return new ConvLayer(new Stride2Conv(arena, weight(layer), out(layer), in(layer), padding), bias(layer));
    }

    @Override
    public ConvLayer causalConv3d(String layer, Border border) {
        return winograd(layer, true, false, border);
    }

    @Override
    public ConvLayer upsampledCausalConv3d(String layer, Border border) {
        return winograd(layer, true, true, border);
    }

    @Override
    public ConvLayer conv2d(String layer) {
        if (out(layer) == TapsConv.OUT)
            return new ConvLayer(new TapsConv(arena, weight(layer), in(layer)), bias(layer));
        return winograd(layer, false, false, Border.ZEROS);
    }

    @Override
    public ConvLayer memoryConv2d(String layer) {
        Convolution kernel = new WinogradConv(arena, weight(layer), out(layer), in(layer) / 2, 2, false, Border.ZEROS);
        return new ConvLayer(kernel, bias(layer));
    }

    @Override
    public ConvLayer memoryDepthwise(String layer) {
        int side = (int) info(layer + ".weight").shape()[3];
        return new ConvLayer(new DepthwiseConv(arena, weight(layer), out(layer) / 2, side, 2), bias(layer));
    }

    @Override
    public ConvLayer upsampledConv2d(String pointwise, int from, int to, String layer) {
        int in = in(pointwise);
        MemorySegment both =
                ComposedKernel.of(arena, rows(pointwise, from, to), weight(layer), out(layer), to - from, in);
        return new ConvLayer(new WinogradConv(arena, both, out(layer), in, 1, true, Border.ZEROS), bias(layer));
    }

    @Override
    public ConvLayer pooling(String layer, int frames) {
        Convolution kernel = DirectConv.pooling(arena, weight(layer), out(layer), in(layer) / frames, frames);
        return new ConvLayer(kernel, bias(layer));
    }

    @Override
    public ConvLayer upsampledConv2d(String layer) {
        return winograd(layer, false, true, Border.ZEROS);
    }

    private ConvLayer winograd(String layer, boolean temporal, boolean upsamples, Border border) {
        Convolution kernel = new WinogradConv(arena, weight(layer), out(layer), in(layer), temporal, upsamples, border);
        return new ConvLayer(kernel, bias(layer));
    }

    @Override
    public ConvLayer timeTaps(String layer) {
        int out = out(layer);
        return new ConvLayer(TimeTaps.parts(arena, weight(layer), out, in(layer)), zeros(3 * out));
    }

    private int out(String layer) {
        return (int) info(layer + ".weight").shape()[0];
    }

    private int in(String layer) {
        return (int) info(layer + ".weight").shape()[1];
    }

    /** The values of a layer's kernel. */
    private MemorySegment weight(String layer) {
        String tensor = layer + ".weight";
        return values.get(tensor).asSlice(0, Float.BYTES * info(tensor).elements());
    }

    /** The part of a layer's kernel that makes the outputs {@code from} to {@code to}. */
    private MemorySegment rows(String layer, int from, int to) {
        long row = weight(layer).byteSize() / out(layer);
        return weight(layer).asSlice(from * row, (to - from) * row);
    }

    /** A layer's bias, or zeros. */
    private MemorySegment bias(String layer) {
        MemorySegment bias = values.get(layer + ".bias");
        return bias != null ? bias : zeros(out(layer));
    }

    private MemorySegment zeros(int channels) {
        return arena.allocate((long) Float.BYTES * Simd.padded(channels), 64);
    }

    /** The elements {@code from} to {@code to} of a layer's bias, padded with zeros. */
    private MemorySegment bias(String layer, int from, int to) {
        MemorySegment padded = arena.allocate((long) Float.BYTES * Simd.padded(to - from), 64);
        MemorySegment.copy(bias(layer), (long) Float.BYTES * from, padded, 0, (long) Float.BYTES * (to - from));
        return padded;
    }

    private TensorInfo info(String tensor) {
        TensorInfo info = tensors.get(tensor);
        if (info == null) throw new IllegalArgumentException("no tensor " + tensor);
        return info;
    }
}
