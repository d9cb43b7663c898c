package wanvae.kernel;

import java.lang.foreign.Arena;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Has the vector kernels of a decode compiled before it begins: vector code that is not compiled yet runs hundreds of
 * times slower, and takes the processors from the compilers. Each kernel is called on a few zeros until it is fast. (A
 * decode of a tiny model as warm-up costs twice as much, since most of its time goes to kernels that wait for the
 * compiler.)
 */
public final class KernelWarmUp {
    /**
     * Kernels below {@code COUNT} are those that any decode may use; from there up to {@code TINY} are those that only
     * tiny autoencoders use.
     */
    private static final int COUNT = 26, TINY = 32;
    /**
     * Loop iterations of a call. They are few, so that a method is compiled because it is called often. With many, it
     * would be compiled a second time because of its loop.
     */
    private static final int LOOPS = 8;
    /**
     * A kernel whose call takes less than this counts as compiled. A compiled call takes a microsecond or less, any
     * other at least twenty.
     */
    private static final long FAST_NANOS = 8_000;
    /** The longest time of a warm-up. Where the compilers need longer, or there are none, decodes begin slowly. */
    private static final long MOST_NANOS = 10_000_000_000L;

    private KernelWarmUp() {}

    /**
     * Compiles the kernels that families share.
     *
     * @param enough asked again and again; true ends it early
     */
    public static void compile(BooleanSupplier enough) {
        compile(0, COUNT, enough);
    }

    /**
     * Compiles the kernels that only tiny autoencoders use.
     *
     * @param enough asked again and again; true ends it early
     */
    public static void compileTiny(BooleanSupplier enough) {
        compile(COUNT, TINY, enough);
    }

    private static void compile(int from, int to, BooleanSupplier enough) {
        boolean[] ready = new boolean[to];
        int left = to - from;
        long start = System.nanoTime();
        try (Arena arena = Arena.ofConfined()) {
            long room = arena.allocate(1 << 18, 4096).address();
            while (left > 0 && !enough.getAsBoolean() && System.nanoTime() - start < MOST_NANOS) {
                long round = System.nanoTime();
                for (int kernel = from; kernel < to; kernel++) {
                    if (ready[kernel]) continue;
                    long before = System.nanoTime();
                    call(kernel, room);
                    if (System.nanoTime() - before > FAST_NANOS) continue;
                    ready[kernel] = true;
                    left--;
                }
                // Leaves half of the time to the compilers.
                LockSupport.parkNanos(System.nanoTime() - round);
            }
        }
    }

    private static void call(int kernel, long room) {
        long in = room, out = room + (1 << 17), other = room + (3 << 16), v = 4L * Simd.LANES, row = LOOPS * v;
        switch (kernel) {
            case 0 -> Gemm.tile(in, 0, in, Gemm.BLOCK, out, in, 4);
            case 1 -> Gemm.narrowTile(in, 0, in, Gemm.BLOCK, out, in, 4);
            case 2 ->
                StridedGemm.multiply(
                        in, v, 4, StridedGemm.ROWS, in, 16, StridedGemm.PANEL, out, StridedGemm.PANEL * v, other);
            case 3 -> StridedGemm.multiply(in, v, 4, StridedGemm.ROWS, in, 16, 1, out, v, other);
            case 4 -> WinogradTransform.in4(in, v, row, out, v, row, LOOPS);
            case 5 -> WinogradTransform.out4(in, v, row, out, v, row, LOOPS);
            case 6 -> WinogradTransform.in6(in, in, in, in, in, in, in, in, out, row, row);
            case 7 -> WinogradTransform.out6(in, row, out, row, LOOPS);
            case 8 -> WinogradTransform.in4(in, in, in, in, in, in, out, row, row);
            case 9 -> WinogradTransform.in4of2(in, v, row, out, v, row, LOOPS);
            case 10 -> WinogradTransform.in4of2(in, in, in, in, in, out, row, row);
            case 11 -> WinogradTransform.out4of2(in, v, row, out, v, row, LOOPS);
            case 12 -> WinogradTransform.weights(in, v, row, out, v, row, LOOPS);
            case 13 -> WinogradTransform.weights6(in, v, row, out, v, row, LOOPS);
            case 14 -> WinogradTransform.innerWeights(in, row, out, row);
            case 15 -> WinogradTransform.innerWeights2(in, row, out, row);
            case 16 -> Epilogue.addBias(in, (int) row, in, out);
            case 17 -> Epilogue.addBias(in, (int) row, in, in, out);
            case 18 -> RmsNorm.apply(in, out, 2, (int) (LOOPS / 2 * v), 1, in, true);
            case 19 -> RmsNorm.apply(in, out, 2, (int) (LOOPS / 2 * v), 1, in, false);
            case 20 -> Attention.softmax(out, LOOPS / 2, other, other + v, other + 2 * v);
            case 21 -> Unpatchify.row(in, v, LOOPS / 2, new long[] {0, 4, 8}, 1, 0, true, out);
            case 22 -> {
                Border.zero(out, row);
                Border.copy(in, out, row);
            }
            case 23 -> WinogradTransform.out1of2(in, row, out, row);
            case 24 -> Epilogue.add(in, LOOPS, (int) v, in, out);
            case 25 -> Epilogue.add(in, LOOPS, (int) v, in, in, out);
            case 26 -> WinogradTransform.in2of2(in, in, in, out, row, row);
            case 27 -> WinogradTransform.out2of2(in, row, out, row, row);
            case 28 -> Epilogue.relu(in, LOOPS, (int) v, in, 0, out);
            case 29 -> Epilogue.relu(in, LOOPS, (int) v, in, in, 0, out);
            case 30 -> TapsConv.sum(in, row, LOOPS, out);
            case 31 -> DepthwiseConv.pixels(in, row, v, 3, in, out, v);
            default -> throw new AssertionError("there are " + TINY + " kernels");
        }
    }
}
