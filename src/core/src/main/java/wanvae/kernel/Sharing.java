package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How one run of tasks is shared out among threads, calculated from shapes alone, so for any number of processors. An
 * operation makes one such run or several, one after another.
 *
 * @param tasks       work of each task, in the order in which threads take them; counted in the tiles or pixels of the
 *                    operation, in whole register tiles
 * @param useful      the part of that work that makes results
 * @param weightBytes bytes of the weights that each task reads, in the form in which it reads them
 * @param threads     number of threads that share the tasks
 */
public record Sharing(int[] tasks, long useful, long weightBytes, int threads) {
    /** Blocks of this many rows and columns, from the top left of a window on; those at its other edges are smaller. */
    record Cut(int rows, int columns) {
        /** Pixels of each block. */
        int[] pixels(Window window) {
            int across = Math.ceilDiv(window.width(), columns);
            int[] pixels = new int[across * Math.ceilDiv(window.height(), rows)];
            for (int i = 0; i < pixels.length; i++)
                pixels[i] = Math.min(rows, window.height() - i / across * rows)
                        * Math.min(columns, window.width() - i % across * columns);
            return pixels;
        }
    }

    /** The runs of a convolution; {@code in} and {@code epilogue} are those of {@link Convolution#run}. */
    public static List<Sharing> of(Convolution kernel, Frames in, Epilogue epilogue, int threads) {
        Window window = epilogue.window();
        int frames = epilogue.out().count();
        return switch (kernel) {
            case WinogradConv _ -> inTime(kernel, in, frames, tiles(kernel, in, epilogue, threads), threads);
            case TemporalConv conv ->
                inTime(kernel, in, frames, conv.cut(window).pixels(window), threads);
            case Stride2Conv _ ->
                List.of(each(tiles(kernel, in, epilogue, threads), frames, kernel.transformedBytes(), threads));
            case DirectConv conv -> List.of(each(conv.cut(window).pixels(window), frames, weights(kernel), threads));
            case TapsConv _ -> List.of(each(TapsConv.CUT.pixels(window), frames, weights(kernel), threads));
            case DepthwiseConv _ -> List.of(each(DepthwiseConv.CUT.pixels(window), frames, weights(kernel), threads));
            default -> throw new IllegalArgumentException("unknown how it shares its work: " + kernel.getClass());
        };
    }

    /** The runs of attention within each frame; every task reads the keys and values of its frame. */
    public static List<Sharing> ofAttention(Frames q, int threads) {
        int[] queries = Attention.CUT.pixels(Window.whole(1, q.height() * q.width()));
        Sharing one = of(queries, 2 * Frames.bytes(q.height(), q.width(), q.channels()), threads);
        return Collections.nCopies(q.count(), one);
    }

    /** One run for each group of frames. */
    private static List<Sharing> inTime(Convolution kernel, Frames in, int frames, int[] blocks, int threads) {
        TemporalWinograd time = new TemporalWinograd(in.count() - frames, Border.ZEROS, 0);
        // One output frame with a past of zeros needs a single plane along time.
        long plane = kernel.transformedBytes(
                new Frames(new MemorySegment[in.count() - frames + 1], in.window(), in.channels()));
        List<Sharing> runs = new ArrayList<>();
        for (int t = 0; t < frames; ) {
            int m = time.next(in, t);
            runs.add(of(blocks, time.frequencies(m).length * plane, threads));
            t += time.count(in, t, m);
        }
        return runs;
    }

    /** Tiles of each block. */
    private static int[] tiles(Convolution kernel, Frames in, Epilogue epilogue, int threads) {
        Window window = epilogue.window();
        // A pixel far from the edges is computed with the tile that it lies in.
        int far = 1 << 20;
        Window tile = kernel.computes(new Window(far, far, 1, 1, 2 * far, 2 * far));
        int height = tile.height(), width = tile.width();
        int piece = epilogue.moments() == null ? 1 : GroupMoments.PIECE / width;
        TileBlock block = TileBlock.of(window, height, width, in.stride(), piece, threads);
        int[] tiles = new int[block.count(window, height, width)];
        for (int i = 0; i < tiles.length; i++) {
            Window pixels = block.pixels(window, height, width, i);
            tiles[i] = Math.ceilDiv(pixels.height(), height) * Math.ceilDiv(pixels.width(), width);
        }
        return tiles;
    }

    /** Bytes of weights that are not transformed. */
    private static long weights(Convolution kernel) {
        return 2 * kernel.operations();
    }

    /** One run of the blocks of all frames. */
    private static Sharing each(int[] blocks, int frames, long weightBytes, int threads) {
        int[] all = new int[frames * blocks.length];
        for (int i = 0; i < all.length; i++) all[i] = blocks[i % blocks.length];
        return of(all, weightBytes, threads);
    }

    private static Sharing of(int[] blocks, long weightBytes, int threads) {
        int[] tasks = Arrays.stream(blocks)
                .map(tiles -> Math.ceilDiv(tiles, Gemm.ROWS) * Gemm.ROWS)
                .toArray();
        return new Sharing(tasks, Arrays.stream(blocks).asLongStream().sum(), weightBytes, threads);
    }

    /** Work of the thread that ends last, when each takes the next task as soon as it is free. */
    public long longest() {
        PriorityQueue<Long> busy = new PriorityQueue<>(Collections.nCopies(threads, 0L));
        long longest = 0;
        for (int task : tasks) {
            long end = busy.remove() + task;
            busy.add(end);
            longest = Math.max(longest, end);
        }
        return longest;
    }

    /** The part of all threads' time that makes results, in (0, 1]. */
    public double efficiency() {
        return useful / ((double) threads * longest());
    }

    /** Bytes of weights that all tasks read together. */
    public long weightsRead() {
        return tasks.length * weightBytes;
    }
}
