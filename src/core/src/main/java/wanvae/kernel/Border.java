package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/** What a convolution sees beyond the edges of a frame. */
public enum Border {
    ZEROS,
    /** The nearest pixel of the edge. */
    REPLICATE;

    /**
     * Fills the pixels left and right of the {@code inside} pixels of a row; each takes {@code pixel} bytes. There is
     * at least one pixel inside unless the border is zeros.
     */
    void sides(long row, int left, int inside, int right, long pixel) {
        long first = row + left * pixel, behind = first + inside * pixel;
        if (this == ZEROS) {
            zero(row, left * pixel);
            zero(behind, right * pixel);
        } else {
            for (int i = 0; i < left; i++) copy(first, row + i * pixel, pixel);
            for (int i = 0; i < right; i++) copy(behind - pixel, behind + i * pixel, pixel);
        }
    }

    static void copy(long source, long target, long bytes) {
        for (long i = 0; i < bytes; i += 4L * LANES) Simd.store(Simd.load(source + i), target + i);
    }

    static void zero(long target, long bytes) {
        for (long i = 0; i < bytes; i += 4L * LANES) Simd.store(FloatVector.zero(Simd.SPECIES), target + i);
    }
}
