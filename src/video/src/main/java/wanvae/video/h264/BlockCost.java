package wanvae.video.h264;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Differences between blocks of samples. */
final class BlockCost {
    private static final ShortVector SIGNS =
            ShortVector.fromArray(Lanes.SHORTS, new short[] {1, -1, 1, -1, 1, -1, 1, -1}, 0);

    private BlockCost() {}

    /** Sum of absolute differences; {@code w} is 8 or 16, {@code h} at most 16. */
    static int sad(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        ShortVector sum = ShortVector.zero(Lanes.SHORTS);
        for (int x = 0; x < w; x += 8)
            for (int y = 0; y < h; y++)
                sum = sum.add(difference(a, aAt + y * aStride + x, b, bAt + y * bStride + x)
                        .abs());
        return Lanes.sum(sum);
    }

    /**
     * Sum of absolute differences after a 4x4 Hadamard transform, halved; {@code w} is 8 or 16, {@code h} a multiple of
     * 4 up to 16.
     */
    static int satd(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        ShortVector sum = ShortVector.zero(Lanes.SHORTS); // of 32 times 8 * 255: unsigned lanes have room for that
        for (int x = 0; x < w; x += 8)
            for (int y = 0; y < h; y += 4) {
                int p = aAt + y * aStride + x, q = bAt + y * bStride + x;
                ShortVector r0 = difference(a, p, b, q), r1 = difference(a, p + aStride, b, q + bStride);
                ShortVector r2 = difference(a, p + 2 * aStride, b, q + 2 * bStride),
                        r3 = difference(a, p + 3 * aStride, b, q + 3 * bStride);
                ShortVector s01 = r0.add(r1), d01 = r0.sub(r1), s23 = r2.add(r3), d23 = r2.sub(r3);
                sum = sum.add(alongRow(s01.add(s23)))
                        .add(alongRow(s01.sub(s23)))
                        .add(alongRow(d01.add(d23)))
                        .add(alongRow(d01.sub(d23)));
            }
        return Lanes.sum(sum) / 2;
    }

    private static ShortVector difference(byte[] a, int aAt, byte[] b, int bAt) {
        return Lanes.load(a, aAt).sub(Lanes.load(b, bAt));
    }

    /**
     * The transform along rows of four, up to signs, and half of what the absolute values then sum up to, in two lanes
     * each: {@code |x + y| + |x - y| = 2 max(|x|, |y|)}.
     */
    private static ShortVector alongRow(ShortVector v) {
        ShortVector neighbour =
                v.reinterpretAsInts().lanewise(VectorOperators.ROL, 16).reinterpretAsShorts();
        ShortVector size = v.mul(SIGNS).add(neighbour).abs();
        return size.max(
                size.reinterpretAsLongs().lanewise(VectorOperators.ROL, 32).reinterpretAsShorts());
    }

    /** {@link #satd} of one 4x4 block. */
    static int satd4x4(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride) {
        int sum = 0;
        int[] d = new int[16];
        for (int y = 0; y < 4; y++) {
            int p = aAt + y * aStride, q = bAt + y * bStride;
            int d0 = (a[p] & 0xFF) - (b[q] & 0xFF), d1 = (a[p + 1] & 0xFF) - (b[q + 1] & 0xFF);
            int d2 = (a[p + 2] & 0xFF) - (b[q + 2] & 0xFF), d3 = (a[p + 3] & 0xFF) - (b[q + 3] & 0xFF);
            int s01 = d0 + d1, t01 = d0 - d1, s23 = d2 + d3, t23 = d2 - d3;
            d[4 * y] = s01 + s23;
            d[4 * y + 1] = s01 - s23;
            d[4 * y + 2] = t01 + t23;
            d[4 * y + 3] = t01 - t23;
        }
        for (int x = 0; x < 4; x++) {
            int s01 = d[x] + d[x + 4], t01 = d[x] - d[x + 4], s23 = d[x + 8] + d[x + 12], t23 = d[x + 8] - d[x + 12];
            sum += Math.max(Math.abs(s01), Math.abs(s23)) + Math.max(Math.abs(t01), Math.abs(t23));
        }
        return sum;
    }

    /** Sum of squared differences of {@code n} x {@code n} samples, 8 or 16. */
    static int ssd(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int n) {
        IntVector sum = IntVector.zero(IntVector.SPECIES_128);
        for (int x = 0; x < n; x += 8)
            for (int y = 0; y < n; y++) {
                ShortVector d = difference(a, aAt + y * aStride + x, b, bAt + y * bStride + x);
                sum = sum.add(Lanes.pairs(d.mul(d))); // squares have room in lanes without sign
            }
        return sum.reduceLanes(VectorOperators.ADD);
    }
}
