package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

/**
 * Winograd's algorithm along time, on frames and the past frames of the feature cache. Behind two past frames it is
 * F(4,3), F(2,3) or F(1,3), for groups of four (or three), two or one frames, all with the same transformed weights
 * ({@link WinogradTransform}). Behind one past frame it is F(4,2), F(2,2), or both taps themselves for a single frame:
 * the same points without ∞, and the newest tap in the place of ∞.
 *
 * <p>A frame is still if its past is zeros, or equal to the frame itself where edges are repeated; in a convolution
 * without a past every frame is still. A still frame needs a single product (m = 0, {@link WinogradWeights#still}).
 *
 * @param past   frames that a convolution looks back, 0 to 2
 * @param border decides when a past counts as still
 * @param still  the plane of the weights for m = 0
 */
record TemporalWinograd(int past, Border border, int still) {
    /** The largest number of frequencies. */
    static final int POINTS = 6;
    /** The frequencies that an F(m,3) uses. */
    private static final int[][] FREQUENCIES = {null, {0, 1, 5}, {0, 1, 2, 5}, null, {0, 1, 2, 3, 4, 5}};
    /** The frequencies that an F(m,2) uses. */
    private static final int[][] OF_TWO_TAPS = {null, {0, 5}, {0, 1, 2}, null, {0, 1, 2, 3, 4}};

    /**
     * The m of the group of output frames that begins at t. Three frames are computed as four, of which one is dropped;
     * 0 stands for one still frame.
     */
    int next(Frames in, int t) {
        int frames = in.count() - past - t;
        return past == 0 || isStill(in, t) ? 0 : frames >= 3 ? 4 : frames;
    }

    /** Output frames of a group of this m. */
    int count(Frames in, int t, int m) {
        return Math.min(Math.max(1, m), in.count() - past - t);
    }

    /** Whether all of the frames are still, so that only the plane {@link #still} is needed. */
    boolean allStill(Frames in) {
        return past == 0 || in.count() == past + 1 && isStill(in, 0);
    }

    private boolean isStill(Frames in, int t) {
        // With one past frame, a past of zeros costs a group of frames nothing, so only a frame by itself is taken as
        // still.
        if (past == 1) return in.address(t) == 0 && in.count() == t + 2;
        long before = in.address(t);
        return before == in.address(t + 1) && before == (border == Border.ZEROS ? 0 : in.address(t + 2));
    }

    /** The planes along time that a group of this m uses. */
    int[] frequencies(int m) {
        return m == 0 ? new int[] {still} : past == 1 ? OF_TWO_TAPS[m] : FREQUENCIES[m];
    }

    /**
     * Normalises and transforms {@code count} pixels of a row of the frames that the group of m output frames from t on
     * sees.
     *
     * @param norm   applied to the frames, or null
     * @param offset offset of the pixels in each frame, bytes
     * @param room   scratch of six rows, {@code roomRow} bytes apart
     * @param target address of the first frequency; the next are {@code plane} bytes apart
     */
    void in(
            int m,
            Frames in,
            GroupNorm norm,
            int t,
            long offset,
            int count,
            long room,
            long roomRow,
            long target,
            long plane) {
        long bytes = count * 4L * in.stride();
        if (m == 0) {
            Border.copy(row(in, norm, t + past, offset, count, room), target, bytes);
            return;
        }
        long s0 = row(in, norm, t, offset, count, room), s1 = row(in, norm, t + 1, offset, count, room + roomRow);
        if (past == 1 && m == 1) {
            Border.copy(s0, target, bytes);
            Border.copy(s1, target + plane, bytes);
            return;
        }
        long s2 = row(in, norm, t + 2, offset, count, room + 2 * roomRow);
        if (past == 1 && m == 2) {
            WinogradTransform.in2of2(s0, s1, s2, target, plane, bytes);
            return;
        }
        if (m == 1) {
            WinogradTransform.in1(s0, s1, s2, target, plane, bytes);
            return;
        }
        long s3 = row(in, norm, t + 3, offset, count, room + 3 * roomRow);
        if (m == 2) {
            WinogradTransform.in2(s0, s1, s2, s3, target, plane, bytes);
            return;
        }
        long s4 = row(in, norm, t + 4, offset, count, room + 4 * roomRow);
        if (past == 1) WinogradTransform.in4of2(s0, s1, s2, s3, s4, target, plane, bytes);
        else
            WinogradTransform.in4(
                    s0, s1, s2, s3, s4, row(in, norm, t + 5, offset, count, room + 5 * roomRow), target, plane, bytes);
    }

    /**
     * The address of frame t's pixels. They are in {@code room} if they are normalised or zeros. A null frame has
     * zeros, and so has a frame beyond the last one, which only outputs that are dropped depend on.
     */
    private static long row(Frames in, GroupNorm norm, int t, long offset, int count, long room) {
        boolean none = t >= in.count() || in.address(t) == 0;
        if (none) Border.zero(room, count * 4L * in.stride());
        else if (norm == null) return in.address(t) + offset;
        else norm.apply(in.address(t) + offset, room, count);
        return room;
    }

    /**
     * As {@link #gather}, but a still frame that needs no norm is read where it lies.
     *
     * @return for each frequency where its rows lie
     */
    PixelRows[] rows(
            int m,
            Frames in,
            GroupNorm norm,
            int t,
            int y,
            int x,
            int rows,
            int columns,
            long room,
            long xt,
            long row,
            long plane) {
        if (m == 0 && norm == null && in.address(t + past) != 0)
            return new PixelRows[] {PixelRows.of(in, t + past, y, x, rows, columns, border, room)};
        gather(m, in, norm, t, y, x, rows, columns, room, xt, row, plane);
        PixelRows[] gathered = new PixelRows[frequencies(m).length];
        for (int p = 0; p < gathered.length; p++) gathered[p] = PixelRows.of(xt + p * plane, row, rows, columns);
        return gathered;
    }

    /**
     * Gathers the rows of an input with the border around them, normalised and transformed along time.
     *
     * @param y    first row, may lie outside the picture, as may the first column and the last ones
     * @param room as for {@link #in}
     * @param xt   {@code [frequencies][rows][columns][C]}, rows {@code row} and frequencies {@code plane} bytes apart
     */
    void gather(
            int m,
            Frames in,
            GroupNorm norm,
            int t,
            int y,
            int x,
            int rows,
            int columns,
            long room,
            long xt,
            long row,
            long plane) {
        int height = in.window().pictureHeight(), width = in.window().pictureWidth(), planes = frequencies(m).length;
        int from = Math.max(0, x), to = Math.min(width, x + columns), left = from - x, right = x + columns - to;
        long pixel = 4L * in.stride();
        for (int r = 0; r < rows; r++, xt += row) {
            int inside = Math.clamp(y + r, 0, height - 1);
            if (border == Border.ZEROS && inside != y + r) {
                for (int p = 0; p < planes; p++) Border.zero(xt + p * plane, columns * pixel);
                continue;
            }
            in(m, in, norm, t, in.offset(inside, from), to - from, room, row, xt + left * pixel, plane);
            for (int p = 0; p < planes; p++) border.sides(xt + p * plane, left, to - from, right, pixel);
        }
    }

    /**
     * Transforms frequencies back to m output rows.
     *
     * @param source address of the first frequency; the next are {@code plane} bytes apart
     * @param rows   room for m rows {@code rowBytes} apart
     * @return where the rows lie: {@code rows}, or {@code source} where there is nothing to transform
     */
    long out(int m, long source, long plane, long rows, long rowBytes, long bytes) {
        int vectors = (int) (bytes / (4 * LANES));
        switch (m) {
            case 4 -> {
                if (past == 1)
                    WinogradTransform.out4of2(source, 4L * LANES, plane, rows, 4L * LANES, rowBytes, vectors);
                else WinogradTransform.out4(source, 4L * LANES, plane, rows, 4L * LANES, rowBytes, vectors);
            }
            case 2 -> {
                if (past == 1) WinogradTransform.out2of2(source, plane, rows, rowBytes, bytes);
                else WinogradTransform.out2(source, plane, rows, rowBytes, bytes);
            }
            case 1 -> {
                if (past == 1) WinogradTransform.out1of2(source, plane, rows, bytes);
                else WinogradTransform.out1(source, plane, rows, bytes);
            }
            default -> {
                return source;
            }
        }
        return rows;
    }
}
