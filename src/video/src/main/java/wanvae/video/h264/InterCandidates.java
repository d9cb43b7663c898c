package wanvae.video.h264;

/**
 * Finds the partitions and motion that an inter macroblock may be coded with. Candidates are compared by transformed
 * differences plus lambda times the bits of types, references and vectors.
 */
final class InterCandidates {
    private static final int MOST = 6;
    /** Bits of types in B slices: of one list, of both, of direct mode, and of several partitions. */
    private static final int ONE_LIST = 3, BOTH_LISTS = 5, DIRECT = 1, SEVERAL = 6;

    private final SourcePicture source;
    /** Luma, and what is coded as luma is. */
    private final byte[][] sources;

    private final int stride;
    private final ReferenceLists references;
    private final Effort effort;
    private final MbGrid grid;
    private final MotionPrediction prediction;
    private final MotionSearch search;
    private final int lists;
    private final Macroblock[] candidates = new Macroblock[MOST];
    private final int[] costs = new int[MOST];
    private final int[] starts = new int[32];
    private int nStarts;

    /** How many candidates were found, and the cost of the best one. */
    int count, least;

    /** Cost at whole samples above which a further picture is not worth the search for its half samples. */
    private int enough;

    private int lambda;
    /** {@code [list]}: best motion of the whole macroblock. */
    private final int[] wholeX = new int[2], wholeY = new int[2], wholeRef = new int[2];
    /** {@code [list]}: of the partition last searched. */
    private final int[] partX = new int[2],
            partY = new int[2],
            partRef = new int[2],
            partCost = new int[2],
            partVectorCost = new int[2];

    private final int[] quarterCost = new int[4];
    private final int[] directCost = new int[4];
    private final byte[] first = new byte[256], second = new byte[256];

    InterCandidates(SourcePicture source, MbGrid grid, ReferenceLists references, MotionSearch search, Effort effort) {
        this.effort = effort;
        this.source = source;
        sources = source.likeLuma();
        this.grid = grid;
        this.references = references;
        this.search = search;
        stride = 16 * grid.width;
        lists = references.count(1) > 0 ? 2 : 1;
        prediction = new MotionPrediction(grid);
        for (int i = 0; i < MOST; i++) candidates[i] = new Macroblock(grid.format);
    }

    Macroblock get(int i) {
        return candidates[i];
    }

    int cost(int i) {
        return costs[i];
    }

    /**
     * Finds candidates for a macroblock.
     *
     * @param direct its motion and prediction in direct mode, or null if that is not possible
     */
    void find(int x, int y, int qp, Macroblock direct) {
        count = 0;
        least = Integer.MAX_VALUE;
        lambda = Lambda.SATD[qp];
        if (direct != null) costDirect(direct);
        Macroblock whole = start(MbType.INTER_16X16, x, y, qp);
        int wholeCost = searchWhole(whole);
        offer(whole, wholeCost);
        if (effort == Effort.FAST) return;

        Macroblock quarters = start(MbType.INTER_8X8, x, y, qp);
        int cost = lists == 2 ? bits(SEVERAL) : bits(2);
        for (int q = 0; q < 4; q++) {
            nStarts = 0;
            quarterCost[q] = searchPart(quarters, q, null, direct);
            cost += quarterCost[q];
        }
        offer(quarters, cost);
        if (cost >= wholeCost) return;
        for (MbType type : new MbType[] {MbType.INTER_16X8, MbType.INTER_8X16}) {
            Macroblock halves = start(type, x, y, qp);
            int second = type == MbType.INTER_16X8 ? 2 : 1;
            int halvesCost = (lists == 2 ? bits(SEVERAL) : bits(2)) + searchPart(halves, 0, quarters, null);
            // The second half is hardly better than its quarters.
            if (effort != Effort.SLOW && halvesCost + quarterCost[second] + quarterCost[3] > least + least / 32)
                continue;
            offer(halves, halvesCost + searchPart(halves, second, quarters, null));
        }
    }

    private Macroblock start(MbType type, int x, int y, int qp) {
        Macroblock m = candidates[count];
        m.type = type;
        m.x = x;
        m.y = y;
        m.qp = qp;
        m.transform8x8 = true;
        m.setDirect(false);
        for (int q = 0; q < 4; q++) for (int list = 0; list < 2; list++) m.setMotion(list, q, 0, 0, -1);
        return m;
    }

    private void offer(Macroblock m, int cost) {
        costs[count++] = cost;
        least = Math.min(least, cost);
    }

    private int bits(int n) {
        return lambda * n >> 8;
    }

    /** What direct mode leaves of each quarter. */
    private void costDirect(Macroblock direct) {
        int from = 16 * direct.y * stride + 16 * direct.x;
        for (int q = 0; q < 4; q++) {
            int x = 8 * (q & 1), y = 8 * (q >> 1);
            directCost[q] = bits(DIRECT);
            for (int plane = 0; plane < sources.length; plane++)
                directCost[q] += TransformedDifference.of(
                        sources[plane], from + y * stride + x, stride, direct.planes[plane].pred, 16 * y + x, 16, 8, 8);
        }
    }

    private int searchWhole(Macroblock m) {
        for (int list = 0; list < lists; list++) {
            partCost[list] = Integer.MAX_VALUE;
            enough = Integer.MAX_VALUE;
            for (int ref = 0; ref < (effort == Effort.FAST ? 1 : references.count(list)); ref++) {
                nStarts = 0;
                searchPart(m, 0, list, ref);
            }
            wholeX[list] = partX[list];
            wholeY[list] = partY[list];
            wholeRef[list] = partRef[list];
        }
        return choose(m, 0, null);
    }

    /** Searches a partition in both lists and sets its motion; {@code hint} has motion of the same samples. */
    private int searchPart(Macroblock m, int q, Macroblock hint, Macroblock direct) {
        grid.putMotion(m);
        for (int list = 0; list < lists; list++) {
            partCost[list] = Integer.MAX_VALUE;
            enough = Integer.MAX_VALUE;
            int ref = wholeRef[list];
            nStarts = 0;
            if (hint != null) {
                int other = m.type == MbType.INTER_16X8 ? q + 1 : q + 2;
                if (hint.ref[list][q] == ref) addStart(hint.mx[list][q], hint.my[list][q]);
                if (hint.ref[list][other] == ref) addStart(hint.mx[list][other], hint.my[list][other]);
            }
            addStart(wholeX[list], wholeY[list]);
            searchPart(m, q, list, ref);
            if (effort == Effort.SLOW) searchOthers(m, q, list, ref);
        }
        return choose(m, q, direct);
    }

    private void searchOthers(Macroblock m, int q, int list, int searched) {
        for (int ref = 0; ref < references.count(list); ref++) if (ref != searched) searchPart(m, q, list, ref);
    }

    /** Searches a partition in one picture, and keeps the motion if it is the best of its list. */
    private void searchPart(Macroblock m, int q, int list, int ref) {
        prediction.predict(m.type, m.x, m.y, q, list, ref);
        if (m.type == MbType.INTER_16X16) {
            addNeighbours(m, list);
            addHalfMotion(m, list, ref);
            addEarlierMotion(m, list, ref);
        }
        search.search(
                references.get(list, ref),
                16 * m.x + 8 * (q & 1),
                16 * m.y + 8 * (q >> 1),
                8 * m.type.partitionWidth(),
                8 * m.type.partitionHeight(),
                prediction.x,
                prediction.y,
                lambda,
                starts,
                nStarts,
                effort == Effort.SLOW ? Integer.MAX_VALUE : enough);
        if (search.cost == Integer.MAX_VALUE) return;
        enough = Math.min(enough, search.wholeCost + search.wholeCost / 8);
        int refCost = references.count(list) > 1 ? bits(2 * ref + 1) : 0, cost = search.cost + refCost;
        if (cost >= partCost[list]) return;
        partCost[list] = cost;
        partX[list] = search.mx;
        partY[list] = search.my;
        partRef[list] = ref;
        partVectorCost[list] =
                refCost + MotionSearch.vectorCost(search.mx - prediction.x, search.my - prediction.y, lambda);
    }

    /** Chooses the lists of a partition by what was found in each, and sets its motion. */
    private int choose(Macroblock m, int q, Macroblock direct) {
        if (lists == 1) {
            m.setPartition(0, q, partX[0], partY[0], partRef[0]);
            return partCost[0];
        }
        int cost0 = partCost[0] + bits(ONE_LIST), cost1 = partCost[1] + bits(ONE_LIST);
        int both = blended(m, q) + partVectorCost[0] + partVectorCost[1] + bits(BOTH_LISTS);
        int cost = Math.min(Math.min(cost0, cost1), both);
        if (direct != null && directCost[q] <= cost) {
            m.copyQuarter(direct, q);
            return directCost[q];
        }
        if (cost == both || cost == cost0) m.setPartition(0, q, partX[0], partY[0], partRef[0]);
        if (cost == both || cost != cost0) m.setPartition(1, q, partX[1], partY[1], partRef[1]);
        return cost;
    }

    /** What the blend of both lists' predictions leaves of a partition. */
    private int blended(Macroblock m, int q) {
        int x = 16 * m.x + 8 * (q & 1), y = 16 * m.y + 8 * (q >> 1);
        int w = 8 * m.type.partitionWidth(), h = 8 * m.type.partitionHeight();
        Reconstruction a = references.get(0, partRef[0]), b = references.get(1, partRef[1]);
        int weight = references.weight(partRef[0], partRef[1]), sum = 0;
        for (int plane = 0; plane < sources.length; plane++) {
            Interpolation.luma(a, a.planes[plane], x, y, partX[0], partY[0], w, h, first, 0);
            Interpolation.luma(b, b.planes[plane], x, y, partX[1], partY[1], w, h, second, 0);
            Interpolation.blend(first, second, 0, 16, w, h, weight);
            sum += TransformedDifference.of(sources[plane], y * stride + x, stride, first, 0, 16, w, h);
        }
        return sum;
    }

    private void addStart(int mx, int my) {
        starts[2 * nStarts] = mx;
        starts[2 * nStarts++ + 1] = my;
    }

    private void addNeighbours(Macroblock m, int list) {
        int at = grid.at8(m.x, m.y);
        addNeighbour(at - 1, list);
        addNeighbour(at - grid.stride8, list);
        addNeighbour(at - grid.stride8 + 2, list);
    }

    /** Adds what the lookahead found, scaled to the size of the picture and the distance of the reference. */
    private void addHalfMotion(Macroblock m, int list, int ref) {
        HalfCost cost = source.cost;
        HalfMotion motion = list == 0 ? cost.back : cost.forth;
        if (motion == null) return;
        int i = m.y * grid.width + m.x, distance = references.distance(list, ref);
        int known = source.number - (list == 0 ? cost.before : cost.after).number;
        addStart(2 * motion.mx[i] * distance / known, 2 * motion.my[i] * distance / known);
    }

    /** Adds the motion of this place and those to its right and below in the picture shown before, scaled likewise. */
    private void addEarlierMotion(Macroblock m, int list, int ref) {
        int i = m.y * grid.width + m.x, distance = references.distance(list, ref);
        addEarlierMotion(i, distance);
        if (m.x < grid.width - 1) addEarlierMotion(i + 1, distance);
        if (m.y < grid.height - 1) addEarlierMotion(i + grid.width, distance);
    }

    private void addEarlierMotion(int i, int distance) {
        Reconstruction earlier = references.get(0, 0);
        int known = earlier.motionDistance[i];
        if (known != 0) addStart(earlier.motionX[i] * distance / known, earlier.motionY[i] * distance / known);
    }

    private void addNeighbour(int at, int list) {
        if (grid.ref[list][at] >= 0) addStart(grid.mx[list][at], grid.my[list][at]);
    }
}
