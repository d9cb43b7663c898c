package wanvae.video.h264;

/**
 * The pictures that inter macroblocks of a picture refer to: list 0 has pictures shown before it, list 1 those shown
 * after it, the nearest first. No picture is in both.
 */
final class ReferenceLists {
    static final ReferenceLists NONE = new ReferenceLists(0, new Reconstruction[0], new Reconstruction[0]);

    private final int order;
    private final Reconstruction[][] lists;
    /** {@code [index in list 0][index in list 1]}: weight of the second, in 64ths, when two predictions are blended. */
    private final int[][] weights;

    /** @param order picture order count of the picture that refers to them */
    ReferenceLists(int order, Reconstruction[] list0, Reconstruction[] list1) {
        this.order = order;
        lists = new Reconstruction[][] {list0, list1};
        weights = new int[list0.length][list1.length];
        for (int i = 0; i < list0.length; i++)
            for (int j = 0; j < list1.length; j++)
                weights[i][j] = implicitWeight(order, list0[i].order, list1[j].order);
    }

    /** By how near the two pictures are (8.4.2.3.1). */
    static int implicitWeight(int order, int before, int after) {
        int tb = Math.clamp(order - before, -128, 127), td = Math.clamp(after - before, -128, 127);
        if (td == 0) return 32;
        int tx = (16384 + Math.abs(td / 2)) / td, scale = Math.clamp(tb * tx + 32 >> 6, -1024, 1023) >> 2;
        return scale < -64 || scale > 128 ? 32 : scale;
    }

    int count(int list) {
        return lists[list].length;
    }

    Reconstruction get(int list, int ref) {
        return lists[list][ref];
    }

    /** How many pictures earlier a reference is shown, negative in list 1. */
    int distance(int list, int ref) {
        return (order - lists[list][ref].order) / 2;
    }

    int weight(int ref0, int ref1) {
        return weights[ref0][ref1];
    }
}
