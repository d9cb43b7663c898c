package wanvae.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Means and sums of squared deviations of groups of channels, gathered while a convolution writes its result: what a
 * {@link GroupNorm} has to know about a whole tensor before its first output.
 *
 * <p>Each row is summed in pieces that begin at fixed columns, in float, as distances from the piece's first pixel, so
 * that a mean far from zero costs no digits. The pieces are combined in double, in order (Chan, Golub and LeVeque
 * 1983), so results depend neither on blocks nor on threads.
 */
public final class GroupMoments {
    /**
     * Pixels of a piece. Each part of a row that is written begins at a multiple of this number, and ends at another or
     * at the end of the row.
     */
    static final int PIECE = 32;

    private final MemorySegment[] frames;
    private final int height, width, channels, groups;

    /**
     * @param frames for each frame of the tensor {@link #bytes} of memory for its pieces; owned by the caller
     * @param groups divides the channels
     */
    public GroupMoments(MemorySegment[] frames, int height, int width, int channels, int groups) {
        if (groups < 1 || channels % groups != 0)
            throw new IllegalArgumentException(channels + " channels do not form " + groups + " groups");
        for (MemorySegment f : frames)
            if (f.byteSize() < bytes(height, width, groups))
                throw new IllegalArgumentException("the moments of " + height + "x" + width + " pixels need "
                        + bytes(height, width, groups) + " bytes, not " + f.byteSize());
        this.frames = frames.clone();
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.groups = groups;
    }

    /** Bytes for one frame: {@code [H][pieces][groups][2]} doubles. */
    public static long bytes(int height, int width, int groups) {
        return 16L * height * pieces(width) * groups;
    }

    private static int pieces(int width) {
        return (width + PIECE - 1) / PIECE;
    }

    /** The memory that the constructor was given. */
    public MemorySegment[] frames() {
        return frames.clone();
    }

    /** The moments of frames {@code from} (inclusive) to {@code to} (exclusive). */
    public GroupMoments slice(int from, int to) {
        return new GroupMoments(Arrays.copyOfRange(frames, from, to), height, width, channels, groups);
    }

    boolean fits(Frames result) {
        return frames.length == result.count()
                && height == result.height()
                && width == result.width()
                && channels == result.channels();
    }

    /** Adds {@code count} finished pixels {@code [count][padded(C)]} of frame t, row y, from column x on. */
    void row(long pixels, int t, int y, int x, int count) {
        long pixel = 4L * Simd.padded(channels);
        float[] sums = new float[2 * Simd.padded(channels)];
        for (int from = x, to; from < x + count; from = to) {
            to = Math.min(x + count, (from / PIECE + 1) * PIECE);
            long piece = pixels + (from - x) * pixel;
            sum(piece, to - from, pixel, sums);
            summarise(piece, to - from, sums, frames[t], ((long) y * pieces(width) + from / PIECE) * groups);
        }
    }

    /** Sums of the distances from the first pixel, and of their squares, for each channel. */
    private static void sum(long pixels, int count, long pixel, float[] sums) {
        for (int c = 0; c < sums.length / 2; c += LANES) {
            FloatVector first = Simd.load(pixels + 4L * c), sum = FloatVector.zero(Simd.SPECIES), squares = sum;
            for (int p = 1; p < count; p++) {
                FloatVector d = Simd.load(pixels + p * pixel + 4L * c).sub(first);
                sum = sum.add(d);
                squares = d.fma(d, squares);
            }
            sum.intoArray(sums, c);
            squares.intoArray(sums, sums.length / 2 + c);
        }
    }

    private void summarise(long pixels, int count, float[] sums, MemorySegment target, long index) {
        int size = channels / groups, squaresAt = sums.length / 2;
        double each = 1.0 / count, share = 1.0 / size; // divisions would take longer than all the rest
        for (int g = 0; g < groups; g++) {
            double mean = 0, squares = 0;
            for (int c = g * size; c < (g + 1) * size; c++) {
                mean += Simd.get(pixels + 4L * c) + sums[c] * each;
                squares += sums[squaresAt + c] - sums[c] * (sums[c] * each);
            }
            mean *= share;
            for (int c = g * size; c < (g + 1) * size; c++) {
                double d = Simd.get(pixels + 4L * c) + sums[c] * each - mean;
                squares += count * d * d;
            }
            target.setAtIndex(JAVA_DOUBLE, 2 * (index + g), mean);
            target.setAtIndex(JAVA_DOUBLE, 2 * (index + g) + 1, squares);
        }
    }

    int channels() {
        return channels;
    }

    int groups() {
        return groups;
    }

    /**
     * Combines the pieces of all frames into the mean and the biased variance of each group. Both arrays must hold
     * zeros.
     */
    void total(double[] means, double[] variances) {
        double n = 0;
        for (MemorySegment frame : frames)
            for (int piece = 0; piece < height * pieces(width); piece++) {
                double more = (double) channels / groups * Math.min(PIECE, width - piece % pieces(width) * PIECE),
                        share = more / (n + more);
                for (int g = 0; g < groups; g++) {
                    long i = 2L * (piece * groups + g);
                    double d = frame.getAtIndex(JAVA_DOUBLE, i) - means[g];
                    means[g] += d * share;
                    variances[g] += frame.getAtIndex(JAVA_DOUBLE, i + 1) + d * d * n * share;
                }
                n += more;
            }
        for (int g = 0; g < groups; g++) variances[g] = Math.max(0, variances[g] / n);
    }
}
