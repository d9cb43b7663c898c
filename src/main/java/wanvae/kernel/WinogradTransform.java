package wanvae.kernel;

import static wanvae.kernel.Simd.load;
import static wanvae.kernel.Simd.store;

import jdk.incubator.vector.FloatVector;

/**
 * The 1-D transforms of Winograd's convolution F(m,3), each a strided pass: {@code count} times, loads at {@code s + i·si + j·sj}, a few
 * FMAs in locals, stores at {@code d + i·di + j·dj} (strides in bytes). Applied along x, y and t in turn they make the 2-D and 3-D transforms.
 *
 * <p>The evaluation points are {0, a, -a, b, -b, ∞} with a = √½ and b = √2 (three times more exact in float32 than {0, ±1, ±2, ∞}).
 * By Toom and Cook, with the finite points p_k, {@code M(x) = Π(x - p_k)}, {@code M_k = M / (x - p_k)} and {@code N_k = M_k(p_k)}:
 * weights {@code g(p_k) / N_k}, inputs the coefficients of {@code M_k} (of {@code M} for ∞) times d, outputs {@code Σ p_k^i m_k} (the last one plus m_∞).
 * F(2,3) and F(1,3) use the subsets {0, ±a, ∞} and {0, a, ∞} with F(4,3)'s weights: the quotients of their N_k go into their input transforms.
 * One set of transformed weights {@code [6]} therefore serves chunks of any length, and its last entry alone is the newest tap.
 */
final class WinogradTransform {
    static final float A = (float) Math.sqrt(0.5);
    static final float B = (float) Math.sqrt(2);

    private WinogradTransform() {}

    /** Three taps to six points. */
    static void weights(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector g0 = load(s), g1 = load(s + sj), g2 = load(s + 2 * sj);
            FloatVector evenA = g0.add(g2.mul(0.5f)).mul(-1 / 1.5f), oddA = g1.mul(-A / 1.5f);
            FloatVector evenB = g0.add(g2.mul(2f)).mul(1 / 6f), oddB = g1.mul(B / 6);
            store(g0, d);
            store(evenA.add(oddA), d + dj);
            store(evenA.sub(oddA), d + 2 * dj);
            store(evenB.add(oddB), d + 3 * dj);
            store(evenB.sub(oddB), d + 4 * dj);
            store(g2, d + 5 * dj);
        }
    }

    /** F(4,3): six inputs to six points. */
    static void in4(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector d0 = load(s), d1 = load(s + sj), d2 = load(s + 2 * sj), d3 = load(s + 3 * sj), d4 = load(s + 4 * sj), d5 = load(s + 5 * sj);
            FloatVector evenA = d2.fma(c(-2f), d4), oddA = d1.fma(c(-2f), d3);
            FloatVector evenB = d2.fma(c(-0.5f), d4), oddB = d1.fma(c(-0.5f), d3);
            store(d2.fma(c(-2.5f), d0.add(d4)), d);
            store(oddA.fma(c(A), evenA), d + dj);
            store(oddA.fma(c(-A), evenA), d + 2 * dj);
            store(oddB.fma(c(B), evenB), d + 3 * dj);
            store(oddB.fma(c(-B), evenB), d + 4 * dj);
            store(d3.fma(c(-2.5f), d1.add(d5)), d + 5 * dj);
        }
    }

    /** F(4,3): six points to four outputs. */
    static void out4(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector m1 = load(s + sj), m2 = load(s + 2 * sj), m3 = load(s + 3 * sj), m4 = load(s + 4 * sj);
            FloatVector evenA = m1.add(m2), oddA = m1.sub(m2), evenB = m3.add(m4), oddB = m3.sub(m4);
            store(load(s).add(evenA).add(evenB), d);
            store(oddB.fma(c(B), oddA.mul(A)), d + dj);
            store(evenB.fma(c(2f), evenA.mul(0.5f)), d + 2 * dj);
            store(oddB.fma(c(2 * B), oddA.fma(c(A / 2), load(s + 5 * sj))), d + 3 * dj);
        }
    }

    /** F(4,3) along time: as {@link #in4} from six contiguous rows at addresses of their own. */
    static void in4(long s0, long s1, long s2, long s3, long s4, long s5, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = load(s0 + i), d1 = load(s1 + i), d2 = load(s2 + i), d3 = load(s3 + i), d4 = load(s4 + i), d5 = load(s5 + i);
            FloatVector evenA = d2.fma(c(-2f), d4), oddA = d1.fma(c(-2f), d3);
            FloatVector evenB = d2.fma(c(-0.5f), d4), oddB = d1.fma(c(-0.5f), d3);
            long o = d + i;
            store(d2.fma(c(-2.5f), d0.add(d4)), o);
            store(oddA.fma(c(A), evenA), o + dj);
            store(oddA.fma(c(-A), evenA), o + 2 * dj);
            store(oddB.fma(c(B), evenB), o + 3 * dj);
            store(oddB.fma(c(-B), evenB), o + 4 * dj);
            store(d3.fma(c(-2.5f), d1.add(d5)), o + 5 * dj);
        }
    }

    /** F(2,3) along time: four rows to the points 0, a, -a, ∞. */
    static void in2(long s0, long s1, long s2, long s3, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = load(s0 + i), d1 = load(s1 + i), d2 = load(s2 + i), d3 = load(s3 + i);
            FloatVector even = d2.mul(-1.5f);
            long o = d + i;
            store(d2.fma(c(-2f), d0), o);
            store(d1.fma(c(-1.5f * A), even), o + dj);
            store(d1.fma(c(1.5f * A), even), o + 2 * dj);
            store(d1.fma(c(-0.5f), d3), o + 3 * dj);
        }
    }

    /** F(2,3): the points 0, a, -a, ∞ to two outputs. */
    static void out2(long s, long sj, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector m0 = load(s + i), m1 = load(s + i + sj), m2 = load(s + i + 2 * sj), m3 = load(s + i + 3 * sj);
            store(m0.add(m1.add(m2)), d + i);
            store(m1.sub(m2).fma(c(A), m3), d + i + dj);
        }
    }

    /** F(1,3) along time: three rows to the points 0, a, ∞. */
    static void in1(long s0, long s1, long s2, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = load(s0 + i), d1 = load(s1 + i), d2 = load(s2 + i);
            store(d1.fma(c(-B), d0), d + i);
            store(d1.mul(-1.5f * B), d + i + dj);
            store(d1.fma(c(-A), d2), d + i + 2 * dj);
        }
    }

    /** F(1,3): the points 0, a, ∞ to one output. */
    static void out1(long s, long sj, long d, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES)
            store(load(s + i).add(load(s + i + sj)).add(load(s + i + 2 * sj)), d + i);
    }

    private static FloatVector c(float x) {
        return FloatVector.broadcast(Simd.SPECIES, x);
    }
}
