package wanvae.video.h264;

/** What is left of a picture's macroblocks, at half size, if it is a P or a B picture with given references. */
final class HalfCost {
    /** Bits of the motion of a macroblock predicted from two pictures, unless direct mode finds it. */
    private static final int BOTH_LISTS = 5;
    /** B pictures take less than their costs: they are quantised more coarsely. */
    private static final double B_COST = 100 / 120.0;

    final Analysis picture;
    final Analysis before;
    /** Null in P pictures. */
    final Analysis after;
    /** Of the picture after in predictions from both, in 64ths. */
    final int weight;
    /** Least cost of each macroblock; in P pictures at most {@link Analysis#intraCost}. */
    final int[] cost;
    /** Which references give the least cost: bit 0 the one before, bit 1 the one after, 0 neither. */
    final byte[] lists;
    /** Sum over the picture, without its rim, where predictions are poor, unless it is small. */
    final long sum;

    /** Motion to the pictures before and after; the second is null in P pictures. */
    final HalfMotion back, forth;

    private final byte[] first = new byte[256], second = new byte[256];

    HalfCost(Analysis picture, Analysis before, Analysis after) {
        this.picture = picture;
        this.before = before;
        this.after = after;
        cost = new int[picture.width * picture.height];
        lists = new byte[cost.length];
        back = picture.motionTo(before);
        forth = after == null ? null : picture.motionTo(after);
        weight = after == null ? 0 : ReferenceLists.implicitWeight(picture.number, before.number, after.number);
        if (after == null) chooseInP();
        else chooseInB();
        long total = sum(cost, picture.width, picture.height);
        sum = after == null ? total : Math.round(total * B_COST);
    }

    private void chooseInP() {
        for (int i = 0; i < cost.length; i++) {
            cost[i] = Math.min(back.cost[i] + Analysis.BIAS, picture.intraCost[i]);
            lists[i] = (byte) (picture.intraCost[i] < back.cost[i] + Analysis.BIAS ? 0 : 1);
        }
    }

    /** Prediction within a B picture is rare, and left out. */
    private void chooseInB() {
        HalfMotion across = after.motionTo(before);
        for (int y = 0, i = 0; y < picture.height; y++)
            for (int x = 0; x < picture.width; x++, i++) {
                int least = back.cost[i], used = 1;
                if (forth.cost[i] < least) {
                    least = forth.cost[i];
                    used = 2;
                }
                // The motion that the picture after has across this one, as direct mode, and none.
                int dx = across.mx[i] * weight + 32 >> 6, dy = across.my[i] * weight + 32 >> 6;
                int ex = dx - across.mx[i], ey = dy - across.my[i], both = both(x, y, 0, 0, 0, 0);
                if ((dx | dy | ex | ey) != 0 && before.reaches(x, y, dx, dy) && after.reaches(x, y, ex, ey))
                    both = Math.min(both, both(x, y, dx, dy, ex, ey));
                if ((back.mx[i] | back.my[i] | forth.mx[i] | forth.my[i]) != 0)
                    both = Math.min(both, both(x, y, back.mx[i], back.my[i], forth.mx[i], forth.my[i]) + BOTH_LISTS);
                cost[i] = Math.min(least, both) + Analysis.BIAS;
                lists[i] = (byte) (both < least ? 3 : used);
            }
    }

    /** What a blend of both predictions leaves. */
    private int both(int x, int y, int backX, int backY, int forthX, int forthY) {
        int size = Analysis.SIZE;
        Reconstruction half = picture.half;
        Interpolation.luma(before.half, before.half.y, size * x, size * y, backX, backY, size, size, first, 0);
        Interpolation.luma(after.half, after.half.y, size * x, size * y, forthX, forthY, size, size, second, 0);
        Interpolation.blend(first, second, 0, 16, size, size, weight);
        return TransformedDifference.of(half.y[0], half.at(size * x, size * y), half.stride, first, 0, 16, size, size);
    }

    static long sum(int[] costs, int width, int height) {
        int rim = width > 4 && height > 4 ? 1 : 0;
        long sum = 0;
        for (int y = rim; y < height - rim; y++) for (int x = rim; x < width - rim; x++) sum += costs[y * width + x];
        return sum;
    }
}
