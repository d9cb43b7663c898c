package wanvae.kernel;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The most this machine does by fused multiply-adds on float32 vectors: what a direct convolution could at best reach, and so the unit our
 * speeds are given in. The loops touch no memory; they differ in how many sums are in flight, since what fills the pipes without
 * running out of registers differs from machine to machine.
 */
public final class FmaPeak {
    private static final int ITERATIONS = 1 << 12;

    /** Vector code that is not yet compiled takes 50 ns and more for each operation; this is the speed of 10 ns. */
    private static final double COMPILED = 2 * Simd.LANES / 10.0;

    private static final long SECOND = 1_000_000_000;

    private FmaPeak() {}

    private record Shape(int sums, Loop loop) {}

    private interface Loop {
        float run(float factor);
    }

    private static final List<Shape> SHAPES =
            List.of(new Shape(8, FmaPeak::eight), new Shape(12, FmaPeak::twelve), new Shape(24, FmaPeak::twentyFour));

    /**
     * Measures until the loops are compiled (a minute at most) and a second has brought nothing better by a hundredth: two or three seconds
     * on a machine that does nothing else.
     *
     * @param threads how many threads compute at once; their rates are summed
     * @return 10^9 floating-point operations a second, a multiply-add counted as two, of the best loop's best round
     */
    public static double gflops(int threads) {
        double best = 0;
        float[] results = new float[threads];
        int repeats = 1; // of the loop in a round, doubled until a round takes 5 ms: starting threads then costs nothing
        try (Team team = new Team(threads, () -> false)) {
            for (long improved = System.nanoTime(); System.nanoTime() - improved < (best < COMPILED ? 60 : 1) * SECOND; ) {
                for (Shape shape : SHAPES) {
                    int rounds = repeats;
                    long start = System.nanoTime();
                    team.run(threads, (task, worker) -> {
                        for (int i = 0; i < rounds; i++) results[task] += shape.loop.run(0.5f);
                    });
                    long end = System.nanoTime();
                    double gflops = 2.0 * Simd.LANES * shape.sums * ITERATIONS * rounds * threads / (end - start);
                    if (gflops > 1.01 * best) improved = end;
                    best = Math.max(best, gflops);
                    if (end - start < 5_000_000) repeats *= 2;
                }
            }
        }
        if (!(results[0] > 0)) throw new AssertionError("the sums of the FMA peak's loops are positive"); // and so computed
        return best;
    }

    // Each sum runs s ← s·factor + one, which stays finite. Locals, not arrays: an array of vectors would be boxed.

    private static float eight(float factor) {
        FloatVector f = FloatVector.broadcast(Simd.SPECIES, factor), one = FloatVector.broadcast(Simd.SPECIES, 1f);
        FloatVector a = one, b = one, c = one, d = one, e = one, g = one, h = one, i = one;
        for (int n = 0; n < ITERATIONS; n++) {
            a = a.fma(f, one);
            b = b.fma(f, one);
            c = c.fma(f, one);
            d = d.fma(f, one);
            e = e.fma(f, one);
            g = g.fma(f, one);
            h = h.fma(f, one);
            i = i.fma(f, one);
        }
        return sum(a, b, c, d) + sum(e, g, h, i);
    }

    private static float twelve(float factor) {
        FloatVector f = FloatVector.broadcast(Simd.SPECIES, factor), one = FloatVector.broadcast(Simd.SPECIES, 1f);
        FloatVector a = one, b = one, c = one, d = one, e = one, g = one, h = one, i = one, j = one, k = one, l = one, m = one;
        for (int n = 0; n < ITERATIONS; n++) {
            a = a.fma(f, one);
            b = b.fma(f, one);
            c = c.fma(f, one);
            d = d.fma(f, one);
            e = e.fma(f, one);
            g = g.fma(f, one);
            h = h.fma(f, one);
            i = i.fma(f, one);
            j = j.fma(f, one);
            k = k.fma(f, one);
            l = l.fma(f, one);
            m = m.fma(f, one);
        }
        return sum(a, b, c, d) + sum(e, g, h, i) + sum(j, k, l, m);
    }

    private static float twentyFour(float factor) {
        FloatVector f = FloatVector.broadcast(Simd.SPECIES, factor), one = FloatVector.broadcast(Simd.SPECIES, 1f);
        FloatVector a = one, b = one, c = one, d = one, e = one, g = one, h = one, i = one, j = one, k = one, l = one, m = one;
        FloatVector o = one, p = one, q = one, r = one, s = one, t = one, u = one, v = one, w = one, x = one, y = one, z = one;
        for (int n = 0; n < ITERATIONS; n++) {
            a = a.fma(f, one);
            b = b.fma(f, one);
            c = c.fma(f, one);
            d = d.fma(f, one);
            e = e.fma(f, one);
            g = g.fma(f, one);
            h = h.fma(f, one);
            i = i.fma(f, one);
            j = j.fma(f, one);
            k = k.fma(f, one);
            l = l.fma(f, one);
            m = m.fma(f, one);
            o = o.fma(f, one);
            p = p.fma(f, one);
            q = q.fma(f, one);
            r = r.fma(f, one);
            s = s.fma(f, one);
            t = t.fma(f, one);
            u = u.fma(f, one);
            v = v.fma(f, one);
            w = w.fma(f, one);
            x = x.fma(f, one);
            y = y.fma(f, one);
            z = z.fma(f, one);
        }
        return sum(a, b, c, d) + sum(e, g, h, i) + sum(j, k, l, m) + sum(o, p, q, r) + sum(s, t, u, v) + sum(w, x, y, z);
    }

    private static float sum(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
