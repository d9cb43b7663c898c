package wanvae.video.h264;

/** Motion of a picture's macroblocks to another picture, at half size. */
final class HalfMotion {
    /** What motion other than none takes to code, besides the vector's difference to its prediction. */
    private static final int MOTION_BITS = 5;

    /** Of each macroblock in raster order: transformed differences plus what the motion takes to code. */
    final int[] cost;
    /** In quarter samples of the half-size picture. */
    final short[] mx, my;

    /**
     * @param nearer  motion to the picture next to {@code from}, or null
     * @param earlier motion of the earlier one of both pictures to the one before it, if those are next to each other and
     *                that is known; or else null
     */
    HalfMotion(Analysis from, Analysis to, HalfMotion nearer, HalfMotion earlier) {
        int width = from.width, height = from.height, size = Analysis.SIZE;
        cost = new int[width * height];
        mx = new short[cost.length];
        my = new short[cost.length];
        Reconstruction half = from.half;
        MotionSearch search =
                new MotionSearch(new byte[][] {half.y[0]}, null, half.at(0, 0), half.stride, half.width, half.height);
        search.quarterSteps = 1;
        int[] starts = new int[16];
        int distance = Math.abs(to.number - from.number), direction = to.number < from.number ? 1 : -1;
        for (int row = 0; row < height; row++)
            for (int x = 0; x < width; x++) {
                int i = row * width + x, n = 0;
                if (x > 0) n = add(starts, n, i - 1, 1);
                if (row > 0) n = add(starts, n, i - width, 1);
                if (row > 0 && x < width - 1) n = add(starts, n, i - width + 1, 1);
                int px = n > 0 ? starts[0] : 0, py = n > 0 ? starts[1] : 0;
                if (nearer != null) {
                    n = nearer.add(starts, n, i, 1);
                    n = nearer.add(starts, n, i, distance);
                }
                if (earlier != null) {
                    n = earlier.add(starts, n, i, direction);
                    if (x < width - 1) n = earlier.add(starts, n, i + 1, direction);
                    if (row < height - 1) n = earlier.add(starts, n, i + width, direction);
                }
                search.search(to.half, size * x, size * row, size, size, px, py, 256, starts, n, Integer.MAX_VALUE);
                cost[i] = search.cost + ((search.mx | search.my) == 0 ? 0 : MOTION_BITS);
                mx[i] = (short) search.mx;
                my[i] = (short) search.my;
            }
    }

    /** Adds the motion of a macroblock times {@code scale} behind {@code n} others. */
    private int add(int[] starts, int n, int i, int scale) {
        starts[2 * n] = scale * mx[i];
        starts[2 * n + 1] = scale * my[i];
        return n + 1;
    }
}
