package wanvae.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The highest rate of fused multiply-adds on float32 vectors that this machine reaches. No direct convolution can be
 * faster, so speeds are given as multiples of this peak. The loops touch no memory. They differ in the number of
 * independent sums, because the number that keeps the FMA units busy without running out of registers depends on the
 * machine.
 */
public final class FmaPeak {
    /**
     * The vectors that the kernels use: the widest of this machine up to 512 bits, or narrower ones if the system
     * property {@code wanvae.vectorBits} says so.
     */
    static final VectorSpecies<Float> SPECIES = VectorSpecies.of(
            float.class,
            VectorShape.forBitSize(Math.min(
                    FloatVector.SPECIES_PREFERRED.vectorBitSize(), Integer.getInteger("wanvae.vectorBits", 512))));

    private static final int ITERATIONS = 1 << 12;

    /**
     * The rate at 10 ns for each vector operation: faster code is compiled, since code that is not takes 50 ns and
     * more.
     */
    private static final double COMPILED = 2 * SPECIES.length() / 10.0;

    private static final long SECOND = 1_000_000_000;

    private FmaPeak() {}

    private record Shape(int sums, Loop loop) {}

    private interface Loop {
        float run(float x, float y);
    }

    private static final List<Shape> SHAPES =
            List.of(new Shape(8, FmaPeak::eight), new Shape(12, FmaPeak::twelve), new Shape(24, FmaPeak::twentyFour));

    /**
     * Measures until the loops are compiled, which it awaits for at most a minute, and the result has not improved by a
     * hundredth for a second. On an idle machine this takes two or three seconds.
     *
     * @param threads the number of threads that compute at once; their rates are summed
     * @return 10^9 floating-point operations a second, a multiply-add counted as two, of the best loop's best round
     */
    public static double gflops(int threads) {
        double best = 0;
        float total = 0;
        int repeats =
                1; // of the loop in a round, doubled until a round takes 5 ms: handing it to threads then costs nothing
        try (ExecutorService pool = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("wanvae-peak-", 0).factory())) {
            for (long improved = System.nanoTime();
                    System.nanoTime() - improved < (best < COMPILED ? 60 : 1) * SECOND; ) {
                for (Shape shape : SHAPES) {
                    long start = System.nanoTime();
                    total += round(pool, threads, shape.loop, repeats);
                    long end = System.nanoTime();
                    double gflops =
                            2.0 * SPECIES.length() * shape.sums * ITERATIONS * repeats * threads / (end - start);
                    if (gflops > 1.01 * best) improved = end;
                    best = Math.max(best, gflops);
                    if (end - start < 5_000_000) repeats *= 2;
                }
            }
        }
        if (!(total > 0)) throw new AssertionError("the sums of the FMA peak's loops are positive"); // and so computed
        return best;
    }

    /** Runs a loop a number of times on every thread at once. */
    private static float round(ExecutorService pool, int threads, Loop loop, int repeats) {
        List<Callable<Float>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++)
            tasks.add(() -> {
                float sum = 0;
                for (int j = 0; j < repeats; j++) sum += loop.run(0.5f, 0.25f);
                return sum;
            });
        float sum = 0;
        try {
            for (Future<Float> future : pool.invokeAll(tasks)) sum += future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the measurement was interrupted");
        } catch (ExecutionException e) {
            throw new AssertionError("the loops throw nothing", e);
        }
        return sum;
    }

    // Each sum is the addend of its FMA, as in a matrix product: where it were a factor, C2 would copy the addend into
    // another register first, and a processor that takes up four instructions a cycle would spend half of them on that
    // (a Cascade Lake: 0.8 of its peak). Locals, not arrays: an array of vectors would be boxed.

    private static float eight(float x, float y) {
        FloatVector f = FloatVector.broadcast(SPECIES, x),
                g = FloatVector.broadcast(SPECIES, y),
                zero = FloatVector.zero(SPECIES);
        FloatVector a = zero, b = zero, c = zero, d = zero, e = zero, h = zero, i = zero, j = zero;
        for (int n = 0; n < ITERATIONS; n++) {
            a = f.fma(g, a);
            b = f.fma(g, b);
            c = f.fma(g, c);
            d = f.fma(g, d);
            e = f.fma(g, e);
            h = f.fma(g, h);
            i = f.fma(g, i);
            j = f.fma(g, j);
        }
        return sum(a, b, c, d) + sum(e, h, i, j);
    }

    private static float twelve(float x, float y) {
        FloatVector f = FloatVector.broadcast(SPECIES, x),
                g = FloatVector.broadcast(SPECIES, y),
                zero = FloatVector.zero(SPECIES);
        FloatVector a = zero,
                b = zero,
                c = zero,
                d = zero,
                e = zero,
                h = zero,
                i = zero,
                j = zero,
                k = zero,
                l = zero,
                m = zero,
                o = zero;
        for (int n = 0; n < ITERATIONS; n++) {
            a = f.fma(g, a);
            b = f.fma(g, b);
            c = f.fma(g, c);
            d = f.fma(g, d);
            e = f.fma(g, e);
            h = f.fma(g, h);
            i = f.fma(g, i);
            j = f.fma(g, j);
            k = f.fma(g, k);
            l = f.fma(g, l);
            m = f.fma(g, m);
            o = f.fma(g, o);
        }
        return sum(a, b, c, d) + sum(e, h, i, j) + sum(k, l, m, o);
    }

    private static float twentyFour(float x, float y) {
        FloatVector f = FloatVector.broadcast(SPECIES, x),
                g = FloatVector.broadcast(SPECIES, y),
                zero = FloatVector.zero(SPECIES);
        FloatVector a = zero,
                b = zero,
                c = zero,
                d = zero,
                e = zero,
                h = zero,
                i = zero,
                j = zero,
                k = zero,
                l = zero,
                m = zero,
                o = zero;
        FloatVector p = zero,
                q = zero,
                r = zero,
                s = zero,
                t = zero,
                u = zero,
                v = zero,
                w = zero,
                aa = zero,
                bb = zero,
                cc = zero,
                dd = zero;
        for (int n = 0; n < ITERATIONS; n++) {
            a = f.fma(g, a);
            b = f.fma(g, b);
            c = f.fma(g, c);
            d = f.fma(g, d);
            e = f.fma(g, e);
            h = f.fma(g, h);
            i = f.fma(g, i);
            j = f.fma(g, j);
            k = f.fma(g, k);
            l = f.fma(g, l);
            m = f.fma(g, m);
            o = f.fma(g, o);
            p = f.fma(g, p);
            q = f.fma(g, q);
            r = f.fma(g, r);
            s = f.fma(g, s);
            t = f.fma(g, t);
            u = f.fma(g, u);
            v = f.fma(g, v);
            w = f.fma(g, w);
            aa = f.fma(g, aa);
            bb = f.fma(g, bb);
            cc = f.fma(g, cc);
            dd = f.fma(g, dd);
        }
        return sum(a, b, c, d)
                + sum(e, h, i, j)
                + sum(k, l, m, o)
                + sum(p, q, r, s)
                + sum(t, u, v, w)
                + sum(aa, bb, cc, dd);
    }

    private static float sum(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
