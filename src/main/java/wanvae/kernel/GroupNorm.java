package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * Group norm, {@code (x - mean) / sqrt(variance + ε) · weight + bias}, where consecutive channels form groups, and mean and biased variance are those of
 * a group's channels over all pixels of all frames; optionally followed by SiLU.
 *
 * <p>Statistics are gathered row by row in float, as distances from the row's first pixel, so that a mean far from zero costs no digits;
 * rows are put together in double, in order (Chan, Golub and LeVeque 1983). Results do not depend on threads.
 */
public final class GroupNorm {
    private GroupNorm() {}

    /** Scratch that each worker needs. */
    public static long scratchBytes(int channels) {
        return 8L * Simd.padded(channels);
    }

    /**
     * Normalises frames together.
     *
     * @param groups  divides C
     * @param weight  padded(C) floats, zeros beyond C; bias likewise
     * @param epsilon ε, added to the variance
     * @param out     as many frames of the same shape; may be {@code in}
     */
    public static void run(Team team, Workspace workspace, Frames in, int groups, MemorySegment weight, MemorySegment bias, float epsilon, boolean silu, Frames out) {
        int channels = in.channels();
        if (groups < 1 || channels % groups != 0 || in.count() < 1 || out.count() != in.count() || out.height() != in.height() || out.width() != in.width()
                || out.channels() != channels || weight.byteSize() < 4L * in.stride() || bias.byteSize() < 4L * in.stride())
            throw new IllegalArgumentException("group norm of " + groups + " groups cannot take " + in.count() + " frames of " + in.height() + "x" + in.width()
                    + "x" + channels + " to " + out.count() + " of " + out.height() + "x" + out.width() + "x" + out.channels());
        int rows = in.count() * in.height();
        double[] means = new double[rows * groups], squares = new double[rows * groups];
        team.run(rows, (row, worker) -> {
            long scratch = workspace.address(worker, scratchBytes(channels)), source = address(in, row);
            gather(source, in.width(), 4L * in.stride(), scratch);
            summarise(source, in.width(), in, groups, scratch, means, squares, row * groups);
        });
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment affine = affine(arena, in, groups, rows, means, squares, weight, bias, epsilon);
            team.run(rows, (row, worker) -> {
                if (silu) applySilu(address(in, row), address(out, row), in.width(), 4L * in.stride(), affine.address());
                else apply(address(in, row), address(out, row), in.width(), 4L * in.stride(), affine.address());
            });
        }
    }

    private static long address(Frames frames, int row) {
        return frames.address(row / frames.height()) + row % frames.height() * frames.rowBytes();
    }

    /** Sums of the distances from the row's first pixel, and of their squares, for each channel. */
    private static void gather(long source, int width, long pixel, long sums) {
        for (long c = 0; c < 2 * pixel; c += 4L * LANES) Simd.store(FloatVector.zero(Simd.SPECIES), sums + c);
        for (int x = 1; x < width; x++)
            for (long c = 0; c < pixel; c += 4L * LANES) {
                FloatVector d = Simd.load(source + x * pixel + c).sub(Simd.load(source + c));
                Simd.store(Simd.load(sums + c).add(d), sums + c);
                Simd.store(d.fma(d, Simd.load(sums + pixel + c)), sums + pixel + c);
            }
    }

    /** Mean and sum of squared deviations of each group in a row. */
    private static void summarise(long source, int width, Frames shape, int groups, long sums, double[] means, double[] squares, int at) {
        int size = shape.channels() / groups;
        long pixel = 4L * shape.stride();
        double[] channelMeans = new double[size];
        for (int g = 0; g < groups; g++) {
            double mean = 0, square = 0;
            for (int i = 0; i < size; i++) {
                long c = 4L * (g * size + i);
                double sum = Simd.get(sums + c);
                channelMeans[i] = Simd.get(source + c) + sum / width;
                mean += channelMeans[i] / size;
                square += Simd.get(sums + pixel + c) - sum * sum / width;
            }
            for (double m : channelMeans) square += width * (m - mean) * (m - mean);
            means[at + g] = mean;
            squares[at + g] = square;
        }
    }

    /** For each channel what is to be subtracted, multiplied and added. */
    private static MemorySegment affine(Arena arena, Frames shape, int groups, int rows, double[] means, double[] squares, MemorySegment weight,
            MemorySegment bias, float epsilon) {
        int stride = shape.stride(), size = shape.channels() / groups;
        MemorySegment affine = arena.allocate(12L * stride, 64);
        for (int g = 0; g < groups; g++) {
            double mean = 0, square = 0, inRow = (double) shape.width() * size;
            for (int r = 0; r < rows; r++) mean += means[r * groups + g] / rows;
            for (int r = 0; r < rows; r++) {
                double d = means[r * groups + g] - mean;
                square += squares[r * groups + g] + inRow * d * d;
            }
            double scale = 1 / Math.sqrt(Math.max(0, square / (inRow * rows)) + epsilon);
            for (int c = g * size; c < (g + 1) * size; c++) {
                double factor = scale * weight.getAtIndex(ValueLayout.JAVA_FLOAT, c);
                affine.setAtIndex(ValueLayout.JAVA_FLOAT, c, (float) mean);
                affine.setAtIndex(ValueLayout.JAVA_FLOAT, stride + c, (float) factor);
                // What rounding took from the mean comes back here.
                affine.setAtIndex(ValueLayout.JAVA_FLOAT, 2L * stride + c, (float) (bias.getAtIndex(ValueLayout.JAVA_FLOAT, c) - (mean - (float) mean) * factor));
            }
        }
        return affine;
    }

    private static void apply(long source, long target, int width, long pixel, long affine) {
        for (int x = 0; x < width; x++)
            for (long c = 0; c < pixel; c += 4L * LANES) {
                FloatVector v = Simd.load(source + x * pixel + c).sub(Simd.load(affine + c));
                Simd.store(v.fma(Simd.load(affine + pixel + c), Simd.load(affine + 2 * pixel + c)), target + x * pixel + c);
            }
    }

    private static void applySilu(long source, long target, int width, long pixel, long affine) {
        for (int x = 0; x < width; x++)
            for (long c = 0; c < pixel; c += 4L * LANES) {
                FloatVector v = Simd.load(source + x * pixel + c).sub(Simd.load(affine + c));
                Simd.store(Silu.of(v.fma(Simd.load(affine + pixel + c), Simd.load(affine + 2 * pixel + c))), target + x * pixel + c);
            }
    }
}
