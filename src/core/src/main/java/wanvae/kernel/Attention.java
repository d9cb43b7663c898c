package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import wanvae.runtime.Team;

/**
 * Attention of a single head over the pixels of frames: {@code softmax(q · k / √C) · v}.
 *
 * <p>A block of queries visits the keys block by block and keeps a running maximum and sum (online softmax, Milakov and
 * Gimelshein 2018), so memory never grows with the square of the pixels. Scores are {@code K · Qᵀ}, with the queries
 * transposed into panels: queries lie across the lanes, and softmax works lane by lane. The result is {@code S · V}.
 * Keys and values are read where they lie. Blocks have fixed sizes, so results do not depend on threads.
 */
public final class Attention {
    /** Queries of a block, in whole register tiles and panels: enough of them that each key read is used often. */
    private static final int QUERIES = 8 * StridedGemm.ROWS;
    /** The blocks of the pixels of a frame, side by side. */
    static final Sharing.Cut CUT = new Sharing.Cut(1, QUERIES);
    /** Keys of a block, in whole register tiles: a panel of their values fits into a first-level cache. */
    private static final int KEYS = 20 * StridedGemm.ROWS;

    private static final long VECTOR = 4L * LANES, ROW = 4L * QUERIES;

    private final int channels;
    // Bytes of a pixel, and the offsets of the pieces of a worker's scratch.
    private final long pixel, results, scores, maxima, sums, scales, tile, keyTail, end;

    private Attention(int channels) {
        this.channels = channels;
        pixel = 4L * Simd.padded(channels);
        results = channels * ROW;
        scores = results + QUERIES * pixel;
        maxima = scores + KEYS * ROW;
        sums = maxima + ROW;
        scales = sums + ROW;
        tile = scales + ROW;
        keyTail = tile + StridedGemm.TILE;
        end = keyTail + KEYS * pixel;
    }

    /** Scratch that each worker needs. */
    public static long scratchBytes(int channels) {
        return new Attention(channels).end;
    }

    /**
     * Floating-point operations of the scores and the weighted sum, as if nothing were masked.
     *
     * @param frames the queries; there are as many keys
     * @param causal whether a pixel attends to the pixels of all frames, not only to those of its own frame
     */
    public static long operations(Frames frames, boolean causal) {
        double pixels = (double) frames.height() * frames.width(), queries = frames.count() * pixels;
        double keys = causal ? queries : pixels;
        return (long) (4 * queries * keys * frames.channels());
    }

    /**
     * Computes the attention of the pixels of one frame to those of several frames.
     *
     * @param q     queries, {@code [H][W][C]}; frame {@code query} is used
     * @param k     keys: those of frames {@code from} (inclusive) to {@code to} (exclusive) are used
     * @param v     values, as k
     * @param query frame of the queries and of the result
     * @param from  first frame of keys and values
     * @param to    end of the frames of keys and values, exclusive
     * @param out   where frame {@code query} of the result goes; must not overlap {@code q}, {@code k} or {@code v}
     */
    public static void run(
            Team team, Workspace workspace, Frames q, Frames k, Frames v, Frames out, int query, int from, int to) {
        if (!sameShape(q, k) || !sameShape(q, v) || !sameShape(q, out) || from < 0 || from >= to)
            throw new IllegalArgumentException(
                    "attention needs queries, keys, values and result of one shape, and keys to see");
        Attention attention = new Attention(q.channels());
        int pixels = q.height() * q.width();
        team.run(Math.ceilDiv(pixels, QUERIES), (task, worker) -> {
            long scratch = workspace.address(worker, attention.end), first = task * QUERIES * attention.pixel;
            int queries = Math.min(QUERIES, pixels - task * QUERIES);
            attention.begin(scratch, q.address(query) + first, queries);
            for (int f = from; f < to; f++) attention.attend(scratch, k.address(f), v.address(f), pixels);
            attention.finish(scratch, out.address(query) + first, queries);
        });
    }

    private static boolean sameShape(Frames a, Frames b) {
        return a.height() == b.height() && a.width() == b.width() && a.channels() == b.channels();
    }

    /** Packs the queries, scaled by 1/√C, into panels and clears sums and results. */
    private void begin(long scratch, long source, int queries) {
        float scale = (float) (1 / Math.sqrt(channels));
        Border.zero(scratch, scores);
        for (int q = 0; q < queries; q++)
            for (int c = 0; c < channels; c++)
                Simd.set(
                        scratch + StridedGemm.offset(c, q, channels, QUERIES / LANES),
                        Simd.get(source + q * pixel + 4L * c) * scale);
        for (long i = 0; i < ROW; i += VECTOR) {
            Simd.store(FloatVector.broadcast(Simd.SPECIES, Float.NEGATIVE_INFINITY), scratch + maxima + i);
            Simd.store(FloatVector.zero(Simd.SPECIES), scratch + sums + i);
        }
    }

    /** Adds the keys and values of one frame to the running softmax of all queries. */
    private void attend(long scratch, long k, long v, int pixels) {
        long s = scratch + scores, result = scratch + results;
        for (int key = 0; key < pixels; key += KEYS) {
            int count = Math.min(KEYS, pixels - key);
            long keys = k + key * pixel;
            // A whole tile may read beyond its block. Behind a frame's last block there may be no memory, so its keys
            // are copied.
            if (key + KEYS >= pixels) {
                Border.copy(keys, scratch + keyTail, count * pixel);
                keys = scratch + keyTail;
            }
            Border.zero(s, StridedGemm.padded(count) * ROW);
            StridedGemm.multiply(keys, pixel, 4, count, scratch, channels, QUERIES / LANES, s, ROW, scratch + tile);
            for (long i = 0; i < ROW; i += VECTOR)
                softmax(s + i, count, scratch + maxima + i, scratch + sums + i, scratch + scales + i);
            for (int q = 0; q < QUERIES; q++) scale(result + q * pixel, pixel, Simd.get(scratch + scales + 4L * q));
            StridedGemm.multiplyRows(
                    s,
                    4,
                    ROW,
                    QUERIES,
                    v + key * pixel,
                    pixel,
                    count,
                    StridedGemm.vectors(channels),
                    result,
                    pixel,
                    scratch + tile);
        }
    }

    /**
     * Turns scores into {@code e^(score - maximum)}, updates maximum and sum, and returns in {@code factor} what
     * earlier results have to be multiplied by. {@link Exp} is written out here: called as a method, it makes C2 stop
     * inlining half-way and box the vectors, which takes a third of all the time.
     */
    static void softmax(long scores, int count, long maximum, long sum, long factor) {
        FloatVector before = Simd.load(maximum), most = before;
        for (int i = 0; i < count; i++)
            most = FloatVector.fromMemorySegment(SPECIES, ALL, (scores + i * ROW) & MASK, ORDER)
                    .max(most);
        FloatVector shrink = Exp.of(before.sub(most));
        Simd.store(shrink, factor);
        Simd.store(most, maximum);
        FloatVector total = Simd.load(sum).mul(shrink);
        for (int i = 0; i < count; i++) {
            IntVector distance = most.sub(FloatVector.fromMemorySegment(SPECIES, ALL, (scores + i * ROW) & MASK, ORDER))
                    .reinterpretAsInts();
            FloatVector x = distance.and(~Exp.SIGN).min(Exp.MOST).reinterpretAsFloats();
            FloatVector shifted =
                    x.fma(FloatVector.broadcast(SPECIES, -Exp.LOG2E), FloatVector.broadcast(SPECIES, Exp.ROUND));
            FloatVector t = x.fma(
                    FloatVector.broadcast(SPECIES, -Exp.LOG2E),
                    FloatVector.broadcast(SPECIES, Exp.ROUND).sub(shifted));
            t = x.fma(FloatVector.broadcast(SPECIES, -Exp.LOG2E_LOW), t);
            FloatVector e = t.fma(FloatVector.broadcast(SPECIES, Exp.P6), FloatVector.broadcast(SPECIES, Exp.P5));
            e = e.fma(t, FloatVector.broadcast(SPECIES, Exp.P4))
                    .fma(t, FloatVector.broadcast(SPECIES, Exp.P3))
                    .fma(t, FloatVector.broadcast(SPECIES, Exp.P2));
            e = e.fma(t, FloatVector.broadcast(SPECIES, Exp.P1)).fma(t, FloatVector.broadcast(SPECIES, 1f));
            e = e.reinterpretAsInts()
                    .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            e.intoMemorySegment(ALL, (scores + i * ROW) & MASK, ORDER);
            total = e.add(total);
        }
        Simd.store(total, sum);
    }

    private static void scale(long row, long bytes, float factor) {
        if (factor != 1)
            for (long i = 0; i < bytes; i += VECTOR)
                Simd.store(Simd.load(row + i).mul(factor), row + i);
    }

    /** Divides the results by the sums and stores them. */
    private void finish(long scratch, long target, int queries) {
        for (int q = 0; q < queries; q++, target += pixel) {
            float sum = Simd.get(scratch + sums + 4L * q);
            for (long i = 0; i < pixel; i += VECTOR)
                Simd.store(Simd.load(scratch + results + q * pixel + i).div(sum), target + i);
        }
    }
}
