package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Attention of a single head over the pixels of frames: {@code softmax(q · k / √C) · v}.
 *
 * <p>A block of queries lies transposed in panels and passes over the keys block by block with a running maximum and sum (online softmax,
 * Milakov and Gimelshein 2018), so memory never grows with the square of the pixels. Everything is kept with queries across the lanes: scores are
 * {@code K · Qᵀ}, softmax works lane by lane, and the result is {@code Vᵀ · Sᵀ}; keys and values are read where they lie. Blocks have fixed sizes,
 * so results do not depend on threads.
 */
public final class Attention {
    /** Queries of a block: enough to make use of each key read. */
    private static final int QUERIES = 96;
    /** Keys of a block, whole register tiles: its scores for one panel of queries fit a first-level cache. */
    private static final int KEYS = 20 * StridedGemm.ROWS;

    private static final int PANELS = QUERIES / (StridedGemm.PANEL * LANES);
    private static final long VECTOR = 4L * LANES, ROW = StridedGemm.PANEL * VECTOR;

    private final int channels;
    private final long queryPanel, resultPanel;
    // Where a worker's pieces begin, in bytes.
    private final long results, scores, maxima, sums, scales, tile, keyTail, valueTail, end;

    private Attention(int channels) {
        this.channels = channels;
        queryPanel = channels * ROW;
        resultPanel = StridedGemm.padded(channels) * ROW;
        results = PANELS * queryPanel;
        scores = results + PANELS * resultPanel;
        maxima = scores + KEYS * ROW;
        sums = maxima + PANELS * ROW;
        scales = sums + PANELS * ROW;
        tile = scales + ROW;
        keyTail = tile + StridedGemm.TILE;
        valueTail = keyTail + 4L * KEYS * Simd.padded(channels);
        end = valueTail + 4L * KEYS * Simd.padded(channels) + 4L * StridedGemm.ROWS;
    }

    /** Scratch that each worker needs. */
    public static long scratchBytes(int channels) {
        return new Attention(channels).end;
    }

    /**
     * Lets the pixels of one frame attend to those of several.
     *
     * @param q     queries, {@code [H][W][C]}; frame {@code query} is used
     * @param k     keys, of which the pixels of frames {@code from} (inclusive) to {@code to} (exclusive) are seen
     * @param v     values, as k
     * @param out   where frame {@code query} of the result goes; must not overlap the others
     */
    public static void run(Team team, Workspace workspace, Frames q, Frames k, Frames v, Frames out, int query, int from, int to) {
        if (!sameShape(q, k) || !sameShape(q, v) || !sameShape(q, out) || from < 0 || from >= to)
            throw new IllegalArgumentException("attention needs queries, keys, values and result of one shape, and keys to see");
        Attention attention = new Attention(q.channels());
        int pixels = q.height() * q.width();
        team.run((pixels + QUERIES - 1) / QUERIES, (task, worker) -> {
            long scratch = workspace.address(worker, attention.end), pixel = 4L * q.stride(), first = task * QUERIES * pixel;
            int queries = Math.min(QUERIES, pixels - task * QUERIES);
            attention.begin(scratch, q.address(query) + first, pixel, queries);
            for (int f = from; f < to; f++) attention.attend(scratch, k.address(f), v.address(f), pixel, pixels);
            attention.finish(scratch, out.address(query) + first, pixel, queries);
        });
    }

    private static boolean sameShape(Frames a, Frames b) {
        return a.height() == b.height() && a.width() == b.width() && a.channels() == b.channels();
    }

    /** All queries see a frame. */
    private void attend(long scratch, long k, long v, long pixel, int pixels) {
        for (int key = 0; key < pixels; key += KEYS) {
            int count = Math.min(KEYS, pixels - key);
            long keys = k + key * pixel, values = v + key * pixel;
            // Whole tiles read a little beyond; past the frame's last block there is nothing to read.
            if (key + KEYS >= pixels) {
                keys = copy(keys, scratch + keyTail, count * pixel);
                values = copy(values, scratch + valueTail, count * pixel);
            }
            for (int panel = 0; panel < PANELS; panel++) attend(scratch, panel, keys, values, pixel, count);
        }
    }

    /** Queries, scaled by 1/√C, into panels {@code [C][PANEL * LANES]}; nothing attended yet. */
    private void begin(long scratch, long source, long pixel, int queries) {
        float scale = (float) (1 / Math.sqrt(channels));
        zero(scratch, scores);
        for (int q = 0; q < queries; q++)
            for (int c = 0; c < channels; c++) Simd.set(lane(scratch, queryPanel, q) + c * ROW, Simd.get(source + q * pixel + 4L * c) * scale);
        for (long i = 0; i < PANELS * ROW; i += VECTOR) {
            Simd.store(FloatVector.broadcast(Simd.SPECIES, Float.NEGATIVE_INFINITY), scratch + maxima + i);
            Simd.store(FloatVector.zero(Simd.SPECIES), scratch + sums + i);
        }
    }

    /** Where query q's column of panels {@code panelBytes} apart begins. */
    private static long lane(long panels, long panelBytes, int q) {
        int width = StridedGemm.PANEL * LANES;
        return panels + q / width * panelBytes + 4L * (q % width);
    }

    /** One panel of queries sees {@code count} keys. */
    private void attend(long scratch, int panel, long keys, long values, long pixel, int count) {
        long s = scratch + scores, result = scratch + results + panel * resultPanel;
        zero(s, StridedGemm.padded(count) * ROW);
        StridedGemm.multiply(keys, pixel, 4, count, scratch + panel * queryPanel, channels, StridedGemm.PANEL, s, ROW, scratch + tile);
        for (long v = 0; v < ROW; v += VECTOR) {
            softmax(s + v, count, scratch + maxima + panel * ROW + v, scratch + sums + panel * ROW + v, scratch + scales + v);
            scale(result + v, channels, scratch + scales + v);
        }
        StridedGemm.multiply(values, 4, pixel, channels, s, count, StridedGemm.PANEL, result, ROW, scratch + tile);
    }

    /** Turns scores into {@code e^(score - maximum)}, moves maximum and sum on, and tells by what factor earlier results shrink. */
    private static void softmax(long scores, int count, long maximum, long sum, long factor) {
        FloatVector before = Simd.load(maximum), most = before;
        for (int i = 0; i < count; i++) most = most.max(Simd.load(scores + i * ROW));
        FloatVector shrink = Exp.of(before.sub(most));
        Simd.store(shrink, factor);
        Simd.store(most, maximum);
        FloatVector total = Simd.load(sum).mul(shrink);
        for (int i = 0; i < count; i++) {
            FloatVector e = Exp.of(Simd.load(scores + i * ROW).sub(most));
            Simd.store(e, scores + i * ROW);
            total = total.add(e);
        }
        Simd.store(total, sum);
    }

    private static void scale(long rows, int count, long factor) {
        FloatVector f = Simd.load(factor);
        for (int i = 0; i < count; i++) Simd.store(Simd.load(rows + i * ROW).mul(f), rows + i * ROW);
    }

    /** Results over sums, back into rows. */
    private void finish(long scratch, long target, long pixel, int queries) {
        for (int q = 0; q < queries; q++) {
            float sum = Simd.get(lane(scratch + sums, ROW, q));
            zero(target + q * pixel, pixel);
            for (int c = 0; c < channels; c++) Simd.set(target + q * pixel + 4L * c, Simd.get(lane(scratch + results, resultPanel, q) + c * ROW) / sum);
        }
    }

    private static long copy(long source, long target, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) Simd.store(Simd.load(source + i), target + i);
        return target;
    }

    private static void zero(long target, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) Simd.store(FloatVector.zero(Simd.SPECIES), target + i);
    }
}
