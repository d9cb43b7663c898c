package wanvae.video.h264;

/**
 * Finds motion vectors: whole samples by hexagons and then a square (sums of absolute differences), then half and
 * quarter samples by diamonds (transformed differences). Costs include what the vector's difference to its prediction
 * takes to code. The vector found is in {@link #mx} and {@link #my}, its cost in {@link #cost}.
 */
final class MotionSearch {
    /** How far outside the picture blocks may start, so that all samples they need lie within the border. */
    private static final int OUTSIDE = 24, BEYOND = 8;
    /** Longest vectors, in quarter samples: of H.264 across, of levels from 1.1 on downwards (A.3.1). */
    private static final int MOST_ACROSS = 4 * 2047, MOST_DOWN = 4 * 127;

    private static final int HEXAGON_STEPS = 16;
    private static final int[][] HEXAGON = {{-2, 0}, {-1, 2}, {1, 2}, {2, 0}, {1, -2}, {-1, -2}};
    private static final int[][] SQUARE = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    private static final int[][] DIAMOND = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    /** Bits, in 1/256, of a vector difference's component. */
    private static final int[] COMPONENT_BITS = new int[1 << 15];

    static {
        for (int i = 0; i < COMPONENT_BITS.length; i++)
            COMPONENT_BITS[i] =
                    (int) Math.rint(256 * (2 * StrictMath.log(i + 1) / StrictMath.log(2) + 0.718 + (i > 0 ? 1 : 0)));
    }

    private final byte[] source;
    private final int sourceAt, sourceStride, width, height;
    private final byte[] block = new byte[256];

    int mx, my, cost;

    private Picture reference;
    private int x, y, w, h, px, py, lambda;

    /** @param sourceAt index of the top left sample of the {@code width} x {@code height} ones to search for */
    MotionSearch(byte[] source, int sourceAt, int sourceStride, int width, int height) {
        this.source = source;
        this.sourceAt = sourceAt;
        this.sourceStride = sourceStride;
        this.width = width;
        this.height = height;
    }

    /**
     * Whether a vector is allowed, and the samples a block at (x, y) then needs of the reference are within its border.
     */
    boolean isInside(int x, int y, int mx, int my) {
        int left = x + (mx >> 2), top = y + (my >> 2);
        return left >= -OUTSIDE
                && top >= -OUTSIDE
                && left <= width + BEYOND
                && top <= height + BEYOND
                && Math.abs(mx) <= MOST_ACROSS
                && Math.abs(my) <= MOST_DOWN;
    }

    /**
     * Searches for the {@code w} x {@code h} block at (x, y).
     *
     * @param px the predicted vector
     * @param lambda of {@link Lambda#SATD}
     * @param starts vectors to start from, in quarter samples, x and y in turn
     */
    void search(Picture reference, int x, int y, int w, int h, int px, int py, int lambda, int[] starts, int nStarts) {
        this.reference = reference;
        this.x = x;
        this.y = y;
        this.w = w;
        this.h = h;
        this.px = px;
        this.py = py;
        this.lambda = lambda;
        cost = Integer.MAX_VALUE;
        tryWhole(0, 0);
        tryWhole(px + 2 & ~3, py + 2 & ~3);
        for (int i = 0; i < nStarts; i++) tryWhole(starts[2 * i] + 2 & ~3, starts[2 * i + 1] + 2 & ~3);
        for (int step = 0; step < HEXAGON_STEPS; step++) if (!improve(HEXAGON, 4, true)) break;
        improve(SQUARE, 4, true);
        refine();
    }

    /** Half and quarter samples around the vector found. */
    private void refine() {
        cost = Integer.MAX_VALUE;
        trySub(mx, my);
        if ((px & 3 | py & 3) != 0) trySub(px, py);
        for (int step = 0; step < 2; step++) if (!improve(DIAMOND, 2, false)) break;
        for (int step = 0; step < 3; step++) if (!improve(DIAMOND, 1, false)) break;
    }

    private boolean improve(int[][] pattern, int scale, boolean whole) {
        int centreX = mx, centreY = my, before = cost;
        for (int[] d : pattern) {
            if (whole) tryWhole(centreX + scale * d[0], centreY + scale * d[1]);
            else trySub(centreX + scale * d[0], centreY + scale * d[1]);
        }
        return cost < before;
    }

    private void tryWhole(int tx, int ty) {
        if (!isInside(x, y, tx, ty)) return;
        int c = vectorCost(tx, ty);
        if (c >= cost) return;
        c += BlockCost.sad(
                source,
                sourceAt + y * sourceStride + x,
                sourceStride,
                reference.y[0],
                reference.at(x + (tx >> 2), y + (ty >> 2)),
                reference.stride,
                w,
                h);
        take(c, tx, ty);
    }

    private void trySub(int tx, int ty) {
        if (!isInside(x, y, tx, ty)) return;
        int c = vectorCost(tx, ty);
        if (c >= cost) return;
        Interpolation.luma(reference, x, y, tx, ty, w, h, block, 0);
        take(c + BlockCost.satd(source, sourceAt + y * sourceStride + x, sourceStride, block, 0, 16, w, h), tx, ty);
    }

    private void take(int c, int tx, int ty) {
        if (c >= cost) return;
        cost = c;
        mx = tx;
        my = ty;
    }

    private int vectorCost(int tx, int ty) {
        return (int) ((long) lambda * (COMPONENT_BITS[Math.abs(tx - px)] + COMPONENT_BITS[Math.abs(ty - py)]) >> 16);
    }
}
