package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The speed of {@link Gemm}, which is its package's own; hence a class of the benchmark in this package. */
public final class GemmSpeed {
    /** Tiles that share a panel of weights, as in a block of a convolution. */
    private static final int TILES = 96;

    /** Vector code that is not yet compiled takes 50 ns and more for each operation; this is the speed of 10 ns. */
    private static final double COMPILED = 2 * Simd.LANES / 10.0;

    private static final long SECOND = 1_000_000_000, ROUND = SECOND / 200;

    private GemmSpeed() {}

    /**
     * Multiplies 96 tiles of k channels by one panel until that is compiled (a minute at most) and has not become faster
     * for a second.
     *
     * @return 10^9 operations a second of the best round, a multiply-add counted as two
     */
    public static double gflops(int k) {
        try (Arena arena = Arena.ofConfined()) {
            long a = values(arena, (long) TILES * k),
                    b = values(arena, (long) k * Gemm.WIDTH),
                    c = values(arena, (long) TILES * Gemm.WIDTH);
            double best = 0;
            int read = 0;
            int repeats = 1;
            for (long improved = System.nanoTime();
                    System.nanoTime() - improved < (best < COMPILED ? 60 : 1) * SECOND; ) {
                long start = System.nanoTime();
                for (int i = 0; i < repeats; i++) read ^= panel(a, b, k, c);
                long end = System.nanoTime();
                double gflops = 2.0 * TILES * Gemm.WIDTH * k * repeats / (end - start);
                if (gflops > 1.01 * best) improved = end;
                best = Math.max(best, gflops);
                if (end - start < ROUND) repeats *= 2;
            }
            if (read != 0 && !Float.isFinite(Simd.get(c))) throw new AssertionError("the product is not finite");
            return best;
        }
    }

    /** As {@link PlaneGemm} calls it. */
    private static int panel(long a, long b, int k, long c) {
        long group = 4L * Gemm.ROWS * k;
        int read = 0;
        for (int g = 0; g < TILES / Gemm.ROWS; g++)
            read ^= Gemm.tile(
                    a + g * group, 4L * Gemm.ROWS * Gemm.BLOCK, b, k, c + g * 4L * Gemm.ROWS * Gemm.WIDTH, b, 0);
        return read;
    }

    private static long values(Arena arena, long count) {
        MemorySegment values = arena.allocate(4 * count, 4096);
        for (long i = 0; i < count; i++) values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (i % 17 - 8) / 8f);
        return values.address();
    }
}
