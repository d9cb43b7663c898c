package wanvae.video.h264;

/** What is left of a picture's macroblocks, at half size, if it is a P or a B picture with given references. */
final class HalfCost {
    /** Bits of a macroblock predicted from two pictures. */
    private static final int BOTH_LISTS = 5;

    final Analysis picture;
    final Analysis before;
    /** Null in P pictures. */
    final Analysis after;
    /** Least cost of each macroblock, at most {@link Analysis#intraCost}. */
    final int[] cost;
    /** Which references give the least cost: bit 0 the one before, bit 1 the one after, 0 neither. */
    final byte[] lists;
    /** Sum over the picture, without its rim, where predictions are poor, unless it is small. */
    final long sum;
    /** Macroblocks best predicted from within the picture. */
    final int intra;

    HalfCost(Analysis picture, Analysis before, Analysis after) {
        this.picture = picture;
        this.before = before;
        this.after = after;
        int width = picture.width, height = picture.height, size = Analysis.SIZE, intra = 0;
        cost = new int[width * height];
        lists = new byte[cost.length];
        HalfMotion back = picture.motionTo(before), forth = after == null ? null : picture.motionTo(after);
        byte[] a = new byte[256], b = new byte[256];
        Reconstruction half = picture.half;
        TransformedDifference difference = new TransformedDifference();
        for (int row = 0, i = 0; row < height; row++)
            for (int x = 0; x < width; x++, i++) {
                int least = back.cost[i], used = 1;
                if (forth != null) {
                    if (forth.cost[i] < least) {
                        least = forth.cost[i];
                        used = 2;
                    }
                    Interpolation.luma(before.half, size * x, size * row, back.mx[i], back.my[i], size, size, a, 0);
                    Interpolation.luma(after.half, size * x, size * row, forth.mx[i], forth.my[i], size, size, b, 0);
                    Interpolation.blend(a, b, 0, 16, size, size, 32);
                    int both =
                            difference.of(half.y[0], half.at(size * x, size * row), half.stride, a, 0, 16, size, size)
                                    + BOTH_LISTS;
                    if (both < least) {
                        least = both;
                        used = 3;
                    }
                }
                if (picture.intraCost[i] < least) {
                    least = picture.intraCost[i];
                    used = 0;
                    intra++;
                }
                cost[i] = least;
                lists[i] = (byte) used;
            }
        this.intra = intra;
        sum = sum(cost, width, height);
    }

    static long sum(int[] costs, int width, int height) {
        int rim = width > 4 && height > 4 ? 1 : 0;
        long sum = 0;
        for (int y = rim; y < height - rim; y++) for (int x = rim; x < width - rim; x++) sum += costs[y * width + x];
        return sum;
    }
}
