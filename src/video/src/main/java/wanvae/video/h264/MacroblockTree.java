package wanvae.video.h264;

import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Follows how much of each macroblock later pictures will be predicted from, and quantises more finely what they depend
 * on. From the last picture of the lookahead backwards in decoding order, every macroblock hands what it is worth, times
 * the share that prediction explains, to those its motion points at. The idea is Garrett-Glaser's "A novel
 * macroblock-tree algorithm for high-performance optimization of dependent video coding in H.264/AVC".
 */
final class MacroblockTree {
    /** Quantiser steps for each doubling of the worth, and more of them for each crf above 25. */
    private static final double STRENGTH = 2, STRONGER = 0.025;

    private final double strength;
    /** What the macroblocks of pictures are worth to others. */
    private final Map<Analysis, double[]> worth = new HashMap<>();

    private MacroblockTree(double strength) {
        this.strength = strength;
    }

    /**
     * The strength at a rate. Coarse quantisers leave little of pictures that none refers to, so that what the others keep
     * is all there is to see.
     */
    static double strength(Rate rate) {
        return rate instanceof Rate.Quality quality ? STRENGTH + STRONGER * Math.max(0, quality.crf() - 25) : STRENGTH;
    }

    /** Sets the offsets of the first group's pictures, adaptive quantisation included. */
    static void setOffsets(Deque<MiniGop> window, double strength) {
        MacroblockTree tree = new MacroblockTree(strength);
        for (Iterator<MiniGop> backwards = window.descendingIterator(); backwards.hasNext(); ) {
            MiniGop gop = backwards.next();
            boolean first = gop == window.peek();
            // The B pictures shown before it, in which errors weigh little, do not refine the P picture by themselves.
            if (first) tree.setOffsets(gop.last());
            int middle = gop.middle(), count = gop.pictures().size() - 1;
            for (int i = 0; i < count; i++)
                if (i != middle) tree.propagate(gop.pictures().get(i));
            if (first) for (SourcePicture picture : gop.pictures().subList(0, count)) tree.setOffsets(picture);
            else {
                if (middle >= 0) tree.propagate(gop.pictures().get(middle));
                if (gop.before() != null) tree.propagate(gop.last());
            }
        }
    }

    private void setOffsets(SourcePicture picture) {
        picture.offsets = offsets(picture.analysis);
    }

    private float[] offsets(Analysis a) {
        double[] worth = this.worth.get(a);
        if (worth == null) return a.aqOffset;
        float[] offsets = new float[a.aqOffset.length];
        for (int i = 0; i < offsets.length; i++) {
            double own = a.weight[i];
            offsets[i] =
                    a.aqOffset[i] - (float) (strength * StrictMath.log((own + worth[i]) / own) / StrictMath.log(2));
        }
        return offsets;
    }

    /** Hands the worth of a picture's macroblocks to those of its references. */
    private void propagate(SourcePicture picture) {
        HalfCost cost = picture.cost;
        Analysis a = picture.analysis;
        double[] own = worth.get(a);
        double[] before = worthOf(cost.before), after = cost.after == null ? null : worthOf(cost.after);
        HalfMotion back = cost.back, forth = cost.forth;
        for (int y = 0; y < a.height; y++)
            for (int x = 0; x < a.width; x++) {
                int i = y * a.width + x;
                double share = 1 - (double) cost.cost[i] / a.intraCost[i];
                if (share <= 0) continue;
                double amount = share * ((own == null ? 0 : own[i]) + a.weight[i]);
                double first = cost.lists[i] == 3 ? (64 - cost.weight) / 64.0 : 1,
                        second = cost.lists[i] == 3 ? cost.weight / 64.0 : 1;
                if ((cost.lists[i] & 1) != 0) add(a, before, x, y, back.mx[i], back.my[i], first * amount);
                if ((cost.lists[i] & 2) != 0) add(a, after, x, y, forth.mx[i], forth.my[i], second * amount);
            }
    }

    private double[] worthOf(Analysis a) {
        return worth.computeIfAbsent(a, _ -> new double[a.width * a.height]);
    }

    /** A block of 8x8 moved by quarter samples overlaps four others, in 32nds of their sides. */
    private static void add(Analysis a, double[] worth, int x, int y, int mx, int my, double amount) {
        int px = 32 * x + mx, py = 32 * y + my, fx = px & 31, fy = py & 31;
        add(a, worth, px >> 5, py >> 5, amount * (32 - fx) * (32 - fy) / 1024);
        add(a, worth, (px >> 5) + 1, py >> 5, amount * fx * (32 - fy) / 1024);
        add(a, worth, px >> 5, (py >> 5) + 1, amount * (32 - fx) * fy / 1024);
        add(a, worth, (px >> 5) + 1, (py >> 5) + 1, amount * fx * fy / 1024);
    }

    private static void add(Analysis a, double[] worth, int x, int y, double amount) {
        if (x >= 0 && y >= 0 && x < a.width && y < a.height) worth[y * a.width + x] += amount;
    }
}
