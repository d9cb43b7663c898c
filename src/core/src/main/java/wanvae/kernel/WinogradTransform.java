package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The 1-D transforms of Winograd's convolution F(m,3), each a strided pass: {@code count} times, loads at {@code s +
 * i·si + j·sj}, a few FMAs in locals, stores at {@code d + i·di + j·dj} (strides in bytes; one vector where there is no
 * si and di). Applied along x, y and t in turn they make the 2-D and 3-D transforms.
 *
 * <p>The evaluation points are {0, a, -a, b, -b, ∞} with a = √½ and b = √2, whose error in float32 is a third of that
 * of {0, ±1, ±2, ∞}. By the Toom-Cook construction, with the finite points p_k, {@code M(x) = Π(x - p_k)}, {@code M_k =
 * M / (x - p_k)} and {@code N_k = M_k(p_k)}: weights become {@code g(p_k) / N_k}, inputs d times the coefficients of
 * {@code M_k} (of {@code M} for ∞), outputs {@code Σ p_k^i m_k} (the last one plus m_∞). F(2,3) and F(1,3) use the
 * subsets {0, ±a, ∞} and {0, a, ∞} with F(4,3)'s weights: the quotients of their N_k go into their input transforms.
 * One set of transformed weights {@code [6]} therefore serves chunks of any length, and its last entry alone is the
 * newest tap. F(4,2) is F(4,3) with a third tap of zero, so without ∞.
 *
 * <p>F(6,3) has the points {0, ±½, ±1, ±2, ∞}; no other points {0, ±a, ±b, ±c, ∞} were clearly more exact in float32.
 * It takes 8 products for 6 outputs where F(4,3) takes 9, and has twice its error.
 *
 * <p>Memory is accessed by full expressions here and in {@link Gemm}: calls of small methods make C2 stop inlining
 * half-way and box the vectors.
 */
final class WinogradTransform {
    static final float A = (float) Math.sqrt(0.5);
    static final float B = (float) Math.sqrt(2);
    private static final long VECTOR = 4L * Simd.LANES;

    private WinogradTransform() {}

    /** Three taps to six points. */
    static void weights(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER),
                    g1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    g2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER);
            FloatVector evenA = g0.add(g2.mul(0.5f)).mul(-1 / 1.5f), oddA = g1.mul(-A / 1.5f);
            FloatVector evenB = g0.add(g2.mul(2f)).mul(1 / 6f), oddB = g1.mul(B / 6);
            g0.intoMemorySegment(ALL, d & MASK, ORDER);
            evenA.add(oddA).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            evenA.sub(oddA).intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            evenB.add(oddB).intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
            evenB.sub(oddB).intoMemorySegment(ALL, (d + 4 * dj) & MASK, ORDER);
            g2.intoMemorySegment(ALL, (d + 5 * dj) & MASK, ORDER);
        }
    }

    /**
     * Three consecutive taps of {@code bytes} each to the points a, -a, b, -b, {@code dj} apart; those at 0 and ∞ are
     * the first and the last tap.
     */
    static void innerWeights(long s, long bytes, long d, long dj) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER),
                    g1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + bytes) & MASK, ORDER),
                    g2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + 2 * bytes) & MASK, ORDER);
            FloatVector evenA = g0.add(g2.mul(0.5f)).mul(-1 / 1.5f), oddA = g1.mul(-A / 1.5f);
            FloatVector evenB = g0.add(g2.mul(2f)).mul(1 / 6f), oddB = g1.mul(B / 6);
            evenA.add(oddA).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
            evenA.sub(oddA).intoMemorySegment(ALL, (d + i + dj) & MASK, ORDER);
            evenB.add(oddB).intoMemorySegment(ALL, (d + i + 2 * dj) & MASK, ORDER);
            evenB.sub(oddB).intoMemorySegment(ALL, (d + i + 3 * dj) & MASK, ORDER);
        }
    }

    /** As {@link #innerWeights}, but of two taps. */
    static void innerWeights2(long s, long bytes, long d, long dj) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER),
                    g1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + bytes) & MASK, ORDER);
            FloatVector evenA = g0.mul(-1 / 1.5f),
                    oddA = g1.mul(-A / 1.5f),
                    evenB = g0.mul(1 / 6f),
                    oddB = g1.mul(B / 6);
            evenA.add(oddA).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
            evenA.sub(oddA).intoMemorySegment(ALL, (d + i + dj) & MASK, ORDER);
            evenB.add(oddB).intoMemorySegment(ALL, (d + i + 2 * dj) & MASK, ORDER);
            evenB.sub(oddB).intoMemorySegment(ALL, (d + i + 3 * dj) & MASK, ORDER);
        }
    }

    /** F(4,3): six inputs to six points. */
    static void in4(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 3 * sj) & MASK, ORDER),
                    d4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 4 * sj) & MASK, ORDER),
                    d5 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 5 * sj) & MASK, ORDER);
            FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -2f), d4),
                    oddA = d1.fma(FloatVector.broadcast(SPECIES, -2f), d3);
            FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -0.5f), d4),
                    oddB = d1.fma(FloatVector.broadcast(SPECIES, -0.5f), d3);
            d2.fma(FloatVector.broadcast(SPECIES, -2.5f), d0.add(d4)).intoMemorySegment(ALL, d & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoMemorySegment(ALL, (d + 4 * dj) & MASK, ORDER);
            d3.fma(FloatVector.broadcast(SPECIES, -2.5f), d1.add(d5))
                    .intoMemorySegment(ALL, (d + 5 * dj) & MASK, ORDER);
        }
    }

    /** F(4,3): six points to four outputs. */
    static void out4(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER),
                    m3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 3 * sj) & MASK, ORDER),
                    m4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 4 * sj) & MASK, ORDER),
                    m5 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 5 * sj) & MASK, ORDER);
            FloatVector evenA = m1.add(m2), oddA = m1.sub(m2), evenB = m3.add(m4), oddB = m3.sub(m4);
            FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER)
                    .add(evenA)
                    .add(evenB)
                    .intoMemorySegment(ALL, d & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), oddA.mul(A)).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            evenB.fma(FloatVector.broadcast(SPECIES, 2f), evenA.mul(0.5f))
                    .intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, 2 * B), oddA.fma(FloatVector.broadcast(SPECIES, A / 2), m5))
                    .intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
        }
    }

    /** F(6,3): three taps to eight points. */
    static void weights6(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER),
                    g1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    g2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER);
            FloatVector evenHalf = g0.add(g2.mul(0.25f)).mul(32 / 45f), oddHalf = g1.mul(16 / 45f);
            FloatVector even1 = g0.add(g2).mul(-1 / 4.5f), odd1 = g1.mul(-1 / 4.5f);
            FloatVector even2 = g0.add(g2.mul(4f)).mul(1 / 90f), odd2 = g1.mul(1 / 45f);
            g0.neg().intoMemorySegment(ALL, d & MASK, ORDER);
            evenHalf.add(oddHalf).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            evenHalf.sub(oddHalf).intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            even1.add(odd1).intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
            even1.sub(odd1).intoMemorySegment(ALL, (d + 4 * dj) & MASK, ORDER);
            even2.add(odd2).intoMemorySegment(ALL, (d + 5 * dj) & MASK, ORDER);
            even2.sub(odd2).intoMemorySegment(ALL, (d + 6 * dj) & MASK, ORDER);
            g2.intoMemorySegment(ALL, (d + 7 * dj) & MASK, ORDER);
        }
    }

    /** F(6,3): eight contiguous rows at addresses of their own to eight points. */
    static void in6(
            long s0, long s1, long s2, long s3, long s4, long s5, long s6, long s7, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s3 + i) & MASK, ORDER),
                    d4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s4 + i) & MASK, ORDER),
                    d5 = FloatVector.fromMemorySegment(SPECIES, ALL, (s5 + i) & MASK, ORDER),
                    d6 = FloatVector.fromMemorySegment(SPECIES, ALL, (s6 + i) & MASK, ORDER),
                    d7 = FloatVector.fromMemorySegment(SPECIES, ALL, (s7 + i) & MASK, ORDER);
            long o = d + i;
            FloatVector evenHalf =
                    d2.fma(FloatVector.broadcast(SPECIES, 4f), d4.fma(FloatVector.broadcast(SPECIES, -5f), d6));
            FloatVector oddHalf =
                    d1.fma(FloatVector.broadcast(SPECIES, 4f), d3.fma(FloatVector.broadcast(SPECIES, -5f), d5));
            FloatVector even1 = d4.fma(FloatVector.broadcast(SPECIES, -4.25f), d2.add(d6)),
                    odd1 = d3.fma(FloatVector.broadcast(SPECIES, -4.25f), d1.add(d5));
            FloatVector even2 =
                    d2.fma(FloatVector.broadcast(SPECIES, 0.25f), d4.fma(FloatVector.broadcast(SPECIES, -1.25f), d6));
            FloatVector odd2 =
                    d1.fma(FloatVector.broadcast(SPECIES, 0.25f), d3.fma(FloatVector.broadcast(SPECIES, -1.25f), d5));
            d2.sub(d4).fma(FloatVector.broadcast(SPECIES, 5.25f), d6.sub(d0)).intoMemorySegment(ALL, o & MASK, ORDER);
            oddHalf.fma(FloatVector.broadcast(SPECIES, 0.5f), evenHalf).intoMemorySegment(ALL, (o + dj) & MASK, ORDER);
            oddHalf.fma(FloatVector.broadcast(SPECIES, -0.5f), evenHalf)
                    .intoMemorySegment(ALL, (o + 2 * dj) & MASK, ORDER);
            even1.add(odd1).intoMemorySegment(ALL, (o + 3 * dj) & MASK, ORDER);
            even1.sub(odd1).intoMemorySegment(ALL, (o + 4 * dj) & MASK, ORDER);
            odd2.fma(FloatVector.broadcast(SPECIES, 2f), even2).intoMemorySegment(ALL, (o + 5 * dj) & MASK, ORDER);
            odd2.fma(FloatVector.broadcast(SPECIES, -2f), even2).intoMemorySegment(ALL, (o + 6 * dj) & MASK, ORDER);
            d3.sub(d5)
                    .fma(FloatVector.broadcast(SPECIES, 5.25f), d7.sub(d1))
                    .intoMemorySegment(ALL, (o + 7 * dj) & MASK, ORDER);
        }
    }

    /** F(6,3): eight points to six outputs. */
    static void out6(long s, long sj, long d, long dj, int count) {
        for (int i = 0; i < count; i++, s += VECTOR, d += VECTOR) {
            FloatVector m0 = FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER),
                    m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER),
                    m3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 3 * sj) & MASK, ORDER),
                    m4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 4 * sj) & MASK, ORDER),
                    m5 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 5 * sj) & MASK, ORDER),
                    m6 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 6 * sj) & MASK, ORDER),
                    m7 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 7 * sj) & MASK, ORDER);
            FloatVector evenHalf = m1.add(m2),
                    oddHalf = m1.sub(m2),
                    even1 = m3.add(m4),
                    odd1 = m3.sub(m4),
                    even2 = m5.add(m6),
                    odd2 = m5.sub(m6);
            m0.add(evenHalf).add(even1).add(even2).intoMemorySegment(ALL, d & MASK, ORDER);
            odd2.fma(FloatVector.broadcast(SPECIES, 2f), oddHalf.fma(FloatVector.broadcast(SPECIES, 0.5f), odd1))
                    .intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            even2.fma(FloatVector.broadcast(SPECIES, 4f), evenHalf.fma(FloatVector.broadcast(SPECIES, 0.25f), even1))
                    .intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            odd2.fma(FloatVector.broadcast(SPECIES, 8f), oddHalf.fma(FloatVector.broadcast(SPECIES, 0.125f), odd1))
                    .intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
            even2.fma(FloatVector.broadcast(SPECIES, 16f), evenHalf.fma(FloatVector.broadcast(SPECIES, 1 / 16f), even1))
                    .intoMemorySegment(ALL, (d + 4 * dj) & MASK, ORDER);
            odd2.fma(FloatVector.broadcast(SPECIES, 32f), oddHalf.fma(FloatVector.broadcast(SPECIES, 1 / 32f), odd1))
                    .add(m7)
                    .intoMemorySegment(ALL, (d + 5 * dj) & MASK, ORDER);
        }
    }

    /** F(4,2): five inputs to the five finite points. */
    static void in4of2(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 3 * sj) & MASK, ORDER),
                    d4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 4 * sj) & MASK, ORDER);
            FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -2f), d4),
                    oddA = d1.fma(FloatVector.broadcast(SPECIES, -2f), d3);
            FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -0.5f), d4),
                    oddB = d1.fma(FloatVector.broadcast(SPECIES, -0.5f), d3);
            d2.fma(FloatVector.broadcast(SPECIES, -2.5f), d0.add(d4)).intoMemorySegment(ALL, d & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoMemorySegment(ALL, (d + 4 * dj) & MASK, ORDER);
        }
    }

    /** F(4,2): the five finite points to four outputs. */
    static void out4of2(long s, long si, long sj, long d, long di, long dj, int count) {
        for (int i = 0; i < count; i++, s += si, d += di) {
            FloatVector m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 2 * sj) & MASK, ORDER),
                    m3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 3 * sj) & MASK, ORDER),
                    m4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + 4 * sj) & MASK, ORDER);
            FloatVector evenA = m1.add(m2), oddA = m1.sub(m2), evenB = m3.add(m4), oddB = m3.sub(m4);
            FloatVector.fromMemorySegment(SPECIES, ALL, s & MASK, ORDER)
                    .add(evenA)
                    .add(evenB)
                    .intoMemorySegment(ALL, d & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), oddA.mul(A)).intoMemorySegment(ALL, (d + dj) & MASK, ORDER);
            evenB.fma(FloatVector.broadcast(SPECIES, 2f), evenA.mul(0.5f))
                    .intoMemorySegment(ALL, (d + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, 2 * B), oddA.mul(A / 2))
                    .intoMemorySegment(ALL, (d + 3 * dj) & MASK, ORDER);
        }
    }

    /** F(4,3): as {@link #in4} from six contiguous rows at addresses of their own. */
    static void in4(long s0, long s1, long s2, long s3, long s4, long s5, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s3 + i) & MASK, ORDER),
                    d4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s4 + i) & MASK, ORDER),
                    d5 = FloatVector.fromMemorySegment(SPECIES, ALL, (s5 + i) & MASK, ORDER);
            FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -2f), d4),
                    oddA = d1.fma(FloatVector.broadcast(SPECIES, -2f), d3);
            FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -0.5f), d4),
                    oddB = d1.fma(FloatVector.broadcast(SPECIES, -0.5f), d3);
            long o = d + i;
            d2.fma(FloatVector.broadcast(SPECIES, -2.5f), d0.add(d4)).intoMemorySegment(ALL, o & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoMemorySegment(ALL, (o + dj) & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoMemorySegment(ALL, (o + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoMemorySegment(ALL, (o + 3 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoMemorySegment(ALL, (o + 4 * dj) & MASK, ORDER);
            d3.fma(FloatVector.broadcast(SPECIES, -2.5f), d1.add(d5))
                    .intoMemorySegment(ALL, (o + 5 * dj) & MASK, ORDER);
        }
    }

    /** F(2,3) along time: four rows to the points 0, a, -a, ∞. */
    static void in2(long s0, long s1, long s2, long s3, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s3 + i) & MASK, ORDER);
            FloatVector even = d2.mul(-1.5f);
            long o = d + i;
            d2.fma(FloatVector.broadcast(SPECIES, -2f), d0).intoMemorySegment(ALL, o & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, -1.5f * A), even).intoMemorySegment(ALL, (o + dj) & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, 1.5f * A), even).intoMemorySegment(ALL, (o + 2 * dj) & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, -0.5f), d3).intoMemorySegment(ALL, (o + 3 * dj) & MASK, ORDER);
        }
    }

    /** F(4,2): as {@link #in4of2} from five contiguous rows at addresses of their own. */
    static void in4of2(long s0, long s1, long s2, long s3, long s4, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER),
                    d3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s3 + i) & MASK, ORDER),
                    d4 = FloatVector.fromMemorySegment(SPECIES, ALL, (s4 + i) & MASK, ORDER);
            FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -2f), d4),
                    oddA = d1.fma(FloatVector.broadcast(SPECIES, -2f), d3);
            FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -0.5f), d4),
                    oddB = d1.fma(FloatVector.broadcast(SPECIES, -0.5f), d3);
            long o = d + i;
            d2.fma(FloatVector.broadcast(SPECIES, -2.5f), d0.add(d4)).intoMemorySegment(ALL, o & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoMemorySegment(ALL, (o + dj) & MASK, ORDER);
            oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoMemorySegment(ALL, (o + 2 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoMemorySegment(ALL, (o + 3 * dj) & MASK, ORDER);
            oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoMemorySegment(ALL, (o + 4 * dj) & MASK, ORDER);
        }
    }

    /** F(2,2) along time: three rows to the points 0, a, -a. */
    static void in2of2(long s0, long s1, long s2, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER);
            FloatVector even = d2.mul(-1.5f);
            long o = d + i;
            d2.fma(FloatVector.broadcast(SPECIES, -2f), d0).intoMemorySegment(ALL, o & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, -1.5f * A), even).intoMemorySegment(ALL, (o + dj) & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, 1.5f * A), even).intoMemorySegment(ALL, (o + 2 * dj) & MASK, ORDER);
        }
    }

    /** F(2,2): the points 0, a, -a to two outputs. */
    static void out2of2(long s, long sj, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector m0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER),
                    m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + 2 * sj) & MASK, ORDER);
            m0.add(m1.add(m2)).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
            m1.sub(m2).mul(A).intoMemorySegment(ALL, (d + i + dj) & MASK, ORDER);
        }
    }

    /** The sum of two products: one output of two taps, without a transform. */
    static void out1of2(long s, long sj, long d, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR)
            FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER)
                    .add(FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + sj) & MASK, ORDER))
                    .intoMemorySegment(ALL, (d + i) & MASK, ORDER);
    }

    /** F(2,3): the points 0, a, -a, ∞ to two outputs. */
    static void out2(long s, long sj, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector m0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER),
                    m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + 2 * sj) & MASK, ORDER),
                    m3 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + 3 * sj) & MASK, ORDER);
            m0.add(m1.add(m2)).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
            m1.sub(m2).fma(FloatVector.broadcast(SPECIES, A), m3).intoMemorySegment(ALL, (d + i + dj) & MASK, ORDER);
        }
    }

    /** F(1,3) along time: three rows to the points 0, a, ∞. */
    static void in1(long s0, long s1, long s2, long d, long dj, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s0 + i) & MASK, ORDER),
                    d1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s1 + i) & MASK, ORDER),
                    d2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s2 + i) & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, -B), d0).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
            d1.mul(-1.5f * B).intoMemorySegment(ALL, (d + i + dj) & MASK, ORDER);
            d1.fma(FloatVector.broadcast(SPECIES, -A), d2).intoMemorySegment(ALL, (d + i + 2 * dj) & MASK, ORDER);
        }
    }

    /** F(1,3): the points 0, a, ∞ to one output. */
    static void out1(long s, long sj, long d, long bytes) {
        for (long i = 0; i < bytes; i += 4L * Simd.LANES) {
            FloatVector m0 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i) & MASK, ORDER),
                    m1 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + sj) & MASK, ORDER),
                    m2 = FloatVector.fromMemorySegment(SPECIES, ALL, (s + i + 2 * sj) & MASK, ORDER);
            m0.add(m1).add(m2).intoMemorySegment(ALL, (d + i) & MASK, ORDER);
        }
    }
}
