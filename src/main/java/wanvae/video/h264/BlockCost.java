package wanvae.video.h264;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Differences between blocks of samples. Eight samples are taken at once as four 16-bit lanes of even and four of odd columns in a
 * {@code long}; a negative lane borrows from the one above, which {@link #abs} gives back.
 */
final class BlockCost {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EVEN = 0x00FF00FF00FF00FFL, ONES = 0x0001000100010001L, SIGNS = 0x8000800080008000L;

    private BlockCost() {}

    /** Sum of absolute differences; {@code w} is 8 or 16. */
    static int sad(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        int sum = 0;
        for (int x = 0; x < w; x += 8) {
            long lanes = 0;
            for (int y = 0; y < h; y++) {
                long p = (long) LONG.get(a, aAt + y * aStride + x), q = (long) LONG.get(b, bAt + y * bStride + x);
                lanes += abs((p & EVEN) - (q & EVEN)) + abs((p >>> 8 & EVEN) - (q >>> 8 & EVEN));
            }
            sum += (int) (lanes * ONES >>> 48);
        }
        return sum;
    }

    /** Sum of absolute differences after a 4x4 Hadamard transform, halved; {@code w} and {@code h} are multiples of 8 and 4. */
    static int satd(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int w, int h) {
        int sum = 0;
        for (int y = 0; y < h; y += 4) for (int x = 0; x < w; x += 8)
            sum += satd8x4(a, aAt + y * aStride + x, aStride, b, bAt + y * bStride + x, bStride);
        return sum;
    }

    private static int satd8x4(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride) {
        long p = (long) LONG.get(a, aAt), q = (long) LONG.get(b, bAt);
        long even = (p & EVEN) - (q & EVEN), odd = (p >>> 8 & EVEN) - (q >>> 8 & EVEN);
        long s0 = even + odd, d0 = even - odd;
        p = (long) LONG.get(a, aAt + aStride);
        q = (long) LONG.get(b, bAt + bStride);
        even = (p & EVEN) - (q & EVEN);
        odd = (p >>> 8 & EVEN) - (q >>> 8 & EVEN);
        long s1 = even + odd, d1 = even - odd;
        p = (long) LONG.get(a, aAt + 2 * aStride);
        q = (long) LONG.get(b, bAt + 2 * bStride);
        even = (p & EVEN) - (q & EVEN);
        odd = (p >>> 8 & EVEN) - (q >>> 8 & EVEN);
        long s2 = even + odd, d2 = even - odd;
        p = (long) LONG.get(a, aAt + 3 * aStride);
        q = (long) LONG.get(b, bAt + 3 * bStride);
        even = (p & EVEN) - (q & EVEN);
        odd = (p >>> 8 & EVEN) - (q >>> 8 & EVEN);
        long s3 = even + odd, d3 = even - odd;
        long lanes = columns(s0, s1, s2, s3) + columns(d0, d1, d2, d3);
        return (int) (lanes & 0xFFFF) + (int) (lanes >>> 32 & 0xFFFF);
    }

    /** Transforms along the columns and adds what the last butterfly along the rows leaves: {@code |x + y| + |x - y| = 2 max(|x|, |y|)}. */
    private static long columns(long r0, long r1, long r2, long r3) {
        long s01 = r0 + r1, d01 = r0 - r1, s23 = r2 + r3, d23 = r2 - r3;
        return pairMax(abs(s01 + s23)) + pairMax(abs(s01 - s23)) + pairMax(abs(d01 + d23)) + pairMax(abs(d01 - d23));
    }

    /** In lanes 0 and 2 the greater of each pair of lanes. */
    private static long pairMax(long v) {
        long low = v & 0x0000FFFF0000FFFFL, high = v >>> 16 & 0x0000FFFF0000FFFFL;
        long less = (low | 0x0000800000008000L) - high & 0x0000800000008000L; // set where low is not less
        long mask = (less >>> 15) * 0xFFFF;
        return low & mask | high & ~mask & 0x0000FFFF0000FFFFL;
    }

    private static long abs(long lanes) {
        long negative = ((lanes & SIGNS) >>> 15) * 0xFFFF;
        return lanes + negative ^ negative;
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

    /** Sum of squared differences. */
    static int ssd(byte[] a, int aAt, int aStride, byte[] b, int bAt, int bStride, int n) {
        int sum = 0;
        for (int y = 0; y < n; y++) for (int x = 0; x < n; x++) {
            int d = (a[aAt + y * aStride + x] & 0xFF) - (b[bAt + y * bStride + x] & 0xFF);
            sum += d * d;
        }
        return sum;
    }
}
