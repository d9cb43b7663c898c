package wanvae.video.h264;

import java.util.Arrays;

/**
 * Follows how much of each macroblock later pictures will be predicted from, and quantises more finely what they depend
 * on. From the last picture of the lookahead backwards, every macroblock hands what it is worth, times the share that
 * prediction explains, to those its motion points at. The idea is Garrett-Glaser's "A novel macroblock-tree algorithm
 * for high-performance optimization of dependent video coding in H.264/AVC".
 */
final class MacroblockTree {
    private static final double STRENGTH = 2.5;

    private MacroblockTree() {}

    /** Quantiser offsets of the macroblocks of {@code window[0]}, adaptive quantisation included. */
    static float[] offsets(SourcePicture[] window) {
        Analysis first = window[0].analysis;
        int width = first.width, height = first.height, n = width * height;
        double[] worth = new double[n], before = new double[n];
        for (int i = window.length - 1; i > 0; i--) {
            propagate(window[i].analysis, worth, before);
            double[] swap = worth;
            worth = before;
            before = swap;
            Arrays.fill(before, 0);
        }
        float[] offsets = new float[n];
        for (int i = 0; i < n; i++) {
            double own = first.weight[i];
            offsets[i] =
                    first.aqOffset[i] - (float) (STRENGTH * StrictMath.log((own + worth[i]) / own) / StrictMath.log(2));
        }
        return offsets;
    }

    /** Hands the worth of a picture's macroblocks to those of the picture before. */
    private static void propagate(Analysis a, double[] worth, double[] before) {
        for (int y = 0; y < a.height; y++)
            for (int x = 0; x < a.width; x++) {
                int i = y * a.width + x;
                double share = 1 - (double) a.interCost[i] / a.intraCost[i];
                if (share <= 0) continue;
                double amount = share * (worth[i] + a.weight[i]);
                // A block of 8x8 at quarter samples overlaps four others, in 32nds of their sides.
                int px = 32 * x + a.mx[i], py = 32 * y + a.my[i], fx = px & 31, fy = py & 31;
                add(a, before, px >> 5, py >> 5, amount * (32 - fx) * (32 - fy) / 1024);
                add(a, before, (px >> 5) + 1, py >> 5, amount * fx * (32 - fy) / 1024);
                add(a, before, px >> 5, (py >> 5) + 1, amount * (32 - fx) * fy / 1024);
                add(a, before, (px >> 5) + 1, (py >> 5) + 1, amount * fx * fy / 1024);
            }
    }

    private static void add(Analysis a, double[] before, int x, int y, double amount) {
        if (x >= 0 && y >= 0 && x < a.width && y < a.height) before[y * a.width + x] += amount;
    }
}
