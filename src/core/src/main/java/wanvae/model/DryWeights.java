package wanvae.model;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.stream.LongStream;
import wanvae.kernel.Border;
import wanvae.kernel.Convolution;
import wanvae.kernel.DepthwiseConv;
import wanvae.kernel.DirectConv;
import wanvae.kernel.Stride2Conv;
import wanvae.kernel.TapsConv;
import wanvae.kernel.TemporalConv;
import wanvae.kernel.TimeTaps;
import wanvae.kernel.WinogradConv;

/**
 * Makes layers from shapes alone. No value is behind them, so they can go through a {@link DryContext} only.
 *
 * @param shapes of all tensors, by name
 */
record DryWeights(Map<String, long[]> shapes) implements Weights {
    /** Stands for any vector: nothing can be read from it. */
    private static final MemorySegment VECTOR = MemorySegment.NULL;

    @Override
    public long bytes() {
        return shapes.values().stream()
                .mapToLong(shape -> Weights.bytes(LongStream.of(shape).reduce(1, (a, b) -> a * b)))
                .sum();
    }

    @Override
    public boolean has(String layer) {
        return shapes.containsKey(layer + ".weight");
    }

    @Override
    public MemorySegment vector(String tensor) {
        shape(tensor);
        return VECTOR;
    }

    @Override
    public ConvLayer pointwise(String layer) {
        return pointwise(layer, 0, out(layer));
    }

    @Override
    public ConvLayer pointwise(String layer, int from, int to) {
        return layer(DirectConv.dry(to - from, in(layer), 1, 1, 1, 1, Border.ZEROS));
    }

    @Override
    public ConvLayer timeConv(String layer, int from, int to) {
        return layer(TemporalConv.dry(to - from, in(layer)));
    }

    @Override
    public ConvLayer halvingTimeConv(String layer) {
        return layer(DirectConv.dry(out(layer), in(layer), 3, 1, 1, 2, Border.ZEROS));
    }

    @Override
    public ConvLayer stride2Conv(String layer, Stride2Conv.Padding padding) {
        return layer(Stride2Conv.dry(out(layer), in(layer), padding));
    }

    @Override
    public ConvLayer causalConv3d(String layer, Border border) {
        return layer(WinogradConv.dry(out(layer), in(layer), 3, false, border));
    }

    @Override
    public ConvLayer upsampledCausalConv3d(String layer, Border border) {
        return layer(WinogradConv.dry(out(layer), in(layer), 3, true, border));
    }

    @Override
    public ConvLayer conv2d(String layer) {
        if (out(layer) == TapsConv.OUT) return layer(TapsConv.dry(in(layer)));
        return layer(WinogradConv.dry(out(layer), in(layer), 1, false, Border.ZEROS));
    }

    @Override
    public ConvLayer memoryConv2d(String layer) {
        return layer(WinogradConv.dry(out(layer), in(layer) / 2, 2, false, Border.ZEROS));
    }

    @Override
    public ConvLayer memoryDepthwise(String layer) {
        return layer(DepthwiseConv.dry(out(layer) / 2, side(layer), 2));
    }

    @Override
    public ConvLayer upsampledConv2d(String pointwise, int from, int to, String layer) {
        return layer(WinogradConv.dry(out(layer), in(pointwise), 1, true, Border.ZEROS));
    }

    @Override
    public ConvLayer pooling(String layer, int frames) {
        return layer(DirectConv.dry(out(layer), in(layer) / frames, frames, 1, 1, frames, Border.ZEROS));
    }

    @Override
    public ConvLayer upsampledConv2d(String layer) {
        return layer(WinogradConv.dry(out(layer), in(layer), 1, true, Border.ZEROS));
    }

    @Override
    public ConvLayer timeTaps(String layer) {
        return layer(TimeTaps.dryParts(out(layer), in(layer)));
    }

    private static ConvLayer layer(Convolution kernel) {
        return new ConvLayer(kernel, VECTOR);
    }

    private int out(String layer) {
        return (int) shape(layer + ".weight")[0];
    }

    private int in(String layer) {
        return (int) shape(layer + ".weight")[1];
    }

    private int side(String layer) {
        return (int) shape(layer + ".weight")[3];
    }

    private long[] shape(String tensor) {
        long[] shape = shapes.get(tensor);
        if (shape == null) throw new IllegalArgumentException("no tensor " + tensor);
        return shape;
    }
}
