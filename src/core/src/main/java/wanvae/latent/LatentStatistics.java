package wanvae.latent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the values of a tensor show: how neighbours along an axis agree, and what distinguishes channels. */
final class LatentStatistics {
    /** About the number of values that are looked at. */
    private static final long SAMPLES = 1 << 20;
    /**
     * Values that are copied to an array at a time: code that is not compiled yet, as where a command has just begun,
     * reads an array many times faster than a memory segment.
     */
    private static final int CHUNK = 1 << 14;

    private LatentStatistics() {}

    /**
     * Correlation of neighbours along an axis: of a real latent 0.98 along time, 0.9 along height and width, 0.2 along
     * channels.
     *
     * @param values float32 in C order
     * @return NaN where there is nothing to compare
     */
    static double correlation(MemorySegment values, long[] sizes, int axis) {
        long step = 1;
        for (int d = axis + 1; d < sizes.length; d++) step *= sizes[d];
        long count = values.byteSize() / 4;
        long skip = Math.max(1, count / SAMPLES) | 1; // odd, so that it does not stay at one place of a row
        float[] here = new float[CHUNK], next = new float[CHUNK];
        double n = 0, sumX = 0, sumY = 0, sumXx = 0, sumYy = 0, sumXy = 0;
        for (long i = 0, chunk = -CHUNK; i < count; i += skip) {
            if (i >= chunk + CHUNK) {
                chunk = i;
                copy(values, chunk, here);
                copy(values, chunk + step, next);
            }
            if (i / step % sizes[axis] == sizes[axis] - 1) continue;
            double x = here[(int) (i - chunk)], y = next[(int) (i - chunk)];
            if (!Double.isFinite(x) || !Double.isFinite(y)) continue;
            n++;
            sumX += x;
            sumY += y;
            sumXx += x * x;
            sumYy += y * y;
            sumXy += x * y;
        }
        double spread = (sumXx - sumX * sumX / n) * (sumYy - sumY * sumY / n);
        return (sumXy - sumX * sumY / n) / Math.sqrt(spread);
    }

    /**
     * How far latents are from a space's raw and from normalised ones.
     *
     * @param raw        sum over channels of the squared differences of mean and of logarithm of the deviation from
     *                   those of raw ones
     * @param normalized the same sum for mean 0 and deviation 1
     */
    record Distances(double raw, double normalized) {}

    /** @param values {@code [B][C][F][H][W]} */
    static Distances distances(MemorySegment values, LatentShape shape, LatentSpace space) {
        int channels = shape.channels();
        long plane = (long) shape.frames() * shape.height() * shape.width();
        var n = new double[channels];
        var sum = new double[channels];
        var squares = new double[channels];
        long count = values.byteSize() / 4;
        long skip = Math.max(1, count / SAMPLES) | 1;
        float[] here = new float[CHUNK];
        for (long i = 0, chunk = -CHUNK; i < count; i += skip) {
            if (i >= chunk + CHUNK) {
                chunk = i;
                copy(values, chunk, here);
            }
            double value = here[(int) (i - chunk)];
            if (!Double.isFinite(value)) continue;
            int c = (int) (i / plane % channels);
            n[c]++;
            sum[c] += value;
            squares[c] += value * value;
        }
        double raw = 0, normalized = 0;
        for (int c = 0; c < channels; c++) {
            if (n[c] == 0) continue;
            double mean = sum[c] / n[c];
            double deviation = Math.sqrt(Math.max(1e-6, squares[c] / n[c] - mean * mean));
            double expected = space.deviations().get(c);
            raw += distance((mean - space.means().get(c)) / expected, deviation / expected);
            normalized += distance(mean, deviation);
        }
        return new Distances(raw, normalized);
    }

    /** Copies values from {@code from} on, as many as there are and as the array holds. */
    private static void copy(MemorySegment values, long from, float[] target) {
        int count = Math.clamp(values.byteSize() / 4 - from, 0, target.length);
        if (count > 0) MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * from, target, 0, count);
    }

    /** A dark or flat picture varies little, so the deviation counts for less than the mean. */
    private static double distance(double mean, double deviation) {
        double log = Math.log(deviation);
        return mean * mean + log * log / 2;
    }
}
