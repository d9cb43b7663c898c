package wanvae.video.h264;

/**
 * Finds motion vectors: whole samples by hexagons and then a square (sums of absolute differences), then half and
 * quarter samples by diamonds (transformed differences, also of 4:2:0 chroma if that is asked for). Costs include what the
 * vector's difference to its prediction takes to code. The vector found is in {@link #mx} and {@link #my}, its cost in {@link #cost}.
 */
final class MotionSearch {
    /** How far outside the picture blocks may start, so that all samples they need lie within the border. */
    private static final int OUTSIDE = 24, BEYOND = 8;
    /** Longest vectors, in quarter samples: of H.264 across, of levels from 1.1 on downwards (A.3.1). */
    private static final int MOST_ACROSS = 4 * 2047, MOST_DOWN = 4 * 127;

    private static final int HEXAGON_STEPS = 8;
    /** Corners of a hexagon in turn. */
    private static final int[] HEXAGON_X = {-2, -1, 1, 2, 1, -1}, HEXAGON_Y = {0, 2, 2, 0, -2, -2};

    private static final int[] SQUARE_X = {-1, 1, 0, 0, -1, -1, 1, 1}, SQUARE_Y = {0, 0, -1, 1, -1, 1, -1, 1};
    private static final int[] DIAMOND_X = {-1, 1, 0, 0}, DIAMOND_Y = {0, 0, -1, 1};
    /** Bits, in 1/256, of a vector difference's component. */
    private static final int[] COMPONENT_BITS = new int[1 << 15];

    static {
        for (int i = 0; i < COMPONENT_BITS.length; i++)
            COMPONENT_BITS[i] =
                    (int) Math.rint(256 * (2 * StrictMath.log(i + 1) / StrictMath.log(2) + 0.718 + (i > 0 ? 1 : 0)));
    }

    private final byte[][] sources;
    private final int sourceAt, sourceStride, width, height;
    private final ChromaDifference chroma;
    private final byte[] block = new byte[256];

    int mx, my, cost;
    /** The least cost at whole samples, in plain differences. */
    int wholeCost;
    /** Steps by half and by quarter samples. */
    int halfSteps = 2, quarterSteps = 2;

    private Reconstruction reference;
    private int x, y, w, h, px, py, lambda;

    /**
     * @param sources  luma, and what is coded as luma is
     * @param chroma   what tells of 4:2:0 chroma, or null
     * @param sourceAt index of the top left sample of the {@code width} x {@code height} ones to search for
     */
    MotionSearch(byte[][] sources, ChromaDifference chroma, int sourceAt, int sourceStride, int width, int height) {
        this.sources = sources;
        this.chroma = chroma;
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
     * @param enough cost at whole samples above which the search ends there, with no motion found
     */
    void search(
            Reconstruction reference,
            int x,
            int y,
            int w,
            int h,
            int px,
            int py,
            int lambda,
            int[] starts,
            int nStarts,
            int enough) {
        this.reference = reference;
        this.x = x;
        this.y = y;
        this.w = w;
        this.h = h;
        this.px = px;
        this.py = py;
        this.lambda = lambda;
        cost = Integer.MAX_VALUE;
        mx = Integer.MIN_VALUE;
        int nearX = px + 2 & ~3, nearY = py + 2 & ~3;
        tryWhole(nearX, nearY);
        if ((nearX | nearY) != 0) tryWhole(0, 0);
        for (int i = 0; i < nStarts; i++) {
            int sx = starts[2 * i] + 2 & ~3, sy = starts[2 * i + 1] + 2 & ~3;
            if ((sx != mx || sy != my) && (sx != nearX || sy != nearY) && (sx | sy) != 0) tryWhole(sx, sy);
        }
        hexagons();
        square();
        wholeCost = cost;
        if (cost > enough) cost = Integer.MAX_VALUE;
        else refine();
    }

    /** Walks from corner to corner; after the first hexagon only three corners are new. */
    private void hexagons() {
        int centreX = mx, centreY = my, direction = -1;
        for (int i = 0; i < 6; i++) if (tryWhole(centreX + 4 * HEXAGON_X[i], centreY + 4 * HEXAGON_Y[i])) direction = i;
        for (int step = 1; step < HEXAGON_STEPS && direction >= 0; step++) {
            int from = direction + 5;
            centreX = mx;
            centreY = my;
            direction = -1;
            for (int i = from; i < from + 3; i++)
                if (tryWhole(centreX + 4 * HEXAGON_X[i % 6], centreY + 4 * HEXAGON_Y[i % 6])) direction = i % 6;
        }
    }

    private void square() {
        int centreX = mx, centreY = my;
        for (int i = 0; i < 8; i++) tryWhole(centreX + 4 * SQUARE_X[i], centreY + 4 * SQUARE_Y[i]);
    }

    /** Half and quarter samples around the vector found. */
    private void refine() {
        cost = Integer.MAX_VALUE;
        if (chroma != null) chroma.start(x, y, w, h);
        int wholeX = mx, wholeY = my;
        trySub(wholeX, wholeY);
        if ((px & 3 | py & 3) != 0) trySub(px, py);
        diamonds(halfSteps, 2);
        diamonds(quarterSteps, 1);
    }

    /** Walks to the best of the four points around; the one it comes from is known. */
    private void diamonds(int steps, int scale) {
        int fromX = Integer.MIN_VALUE, fromY = 0;
        for (int step = 0; step < steps; step++) {
            int centreX = mx, centreY = my;
            for (int i = 0; i < 4; i++) {
                int tx = centreX + scale * DIAMOND_X[i], ty = centreY + scale * DIAMOND_Y[i];
                if (tx != fromX || ty != fromY) trySub(tx, ty);
            }
            if (mx == centreX && my == centreY) break;
            fromX = centreX;
            fromY = centreY;
        }
    }

    private boolean tryWhole(int tx, int ty) {
        if (!isInside(x, y, tx, ty)) return false;
        int c = vectorCost(tx, ty);
        if (c >= cost) return false;
        c += BlockCost.sad(
                sources[0],
                sourceAt + y * sourceStride + x,
                sourceStride,
                reference.y[0],
                reference.at(x + (tx >> 2), y + (ty >> 2)),
                reference.stride,
                w,
                h);
        return take(c, tx, ty);
    }

    private boolean trySub(int tx, int ty) {
        if (!isInside(x, y, tx, ty)) return false;
        int c = vectorCost(tx, ty);
        if (c >= cost) return false;
        for (int plane = 0; plane < sources.length && c < cost; plane++) c += difference(plane, tx, ty);
        if (chroma != null && c < cost) c += chroma.of(reference, tx, ty);
        return take(c, tx, ty);
    }

    private int difference(int plane, int tx, int ty) {
        byte[] samples = block;
        int at = 0, stride = 16;
        if ((tx & 1 | ty & 1) == 0) {
            samples = reference.planes[plane][Interpolation.plane(tx, ty)];
            at = reference.at(x + (tx >> 2), y + (ty >> 2));
            stride = reference.stride;
        } else Interpolation.luma(reference, reference.planes[plane], x, y, tx, ty, w, h, block, 0);
        int from = sourceAt + y * sourceStride + x;
        return TransformedDifference.of(sources[plane], from, sourceStride, samples, at, stride, w, h);
    }

    private boolean take(int c, int tx, int ty) {
        if (c >= cost) return false;
        cost = c;
        mx = tx;
        my = ty;
        return true;
    }

    private int vectorCost(int tx, int ty) {
        return vectorCost(tx - px, ty - py, lambda);
    }

    /** What the difference of a vector to its prediction costs. */
    static int vectorCost(int dx, int dy, int lambda) {
        return (int) ((long) lambda * (COMPONENT_BITS[Math.abs(dx)] + COMPONENT_BITS[Math.abs(dy)]) >> 16);
    }
}
