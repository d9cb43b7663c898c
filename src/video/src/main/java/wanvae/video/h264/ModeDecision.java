package wanvae.video.h264;

/**
 * Chooses how a macroblock is coded: candidates are found by transformed differences, then really coded and compared by
 * distortion plus lambda times the bits CABAC would take. The best one is left in {@link #best()}, the picture and the
 * grid.
 */
final class ModeDecision {
    private final SourcePicture source;
    private final Picture picture;
    private final Picture[] references;
    private final MbGrid grid;
    private final MacroblockCoder coder;
    private final MacroblockWriter writer;
    private final MotionPrediction prediction;
    private final MotionSearch search;
    private final IntraModes intraModes;
    private final BinCounter counter = new BinCounter();
    private final int[] starts = new int[32];

    private BinCounter contexts;
    private int previousQp;
    private boolean previousDelta;
    private Macroblock trial = new Macroblock(), best = new Macroblock();
    private final Macroblock plan = new Macroblock();

    ModeDecision(
            SourcePicture source,
            Picture picture,
            Picture[] references,
            MbGrid grid,
            MacroblockCoder coder,
            MacroblockWriter writer) {
        this.source = source;
        this.picture = picture;
        this.references = references;
        this.grid = grid;
        this.coder = coder;
        this.writer = writer;
        prediction = new MotionPrediction(grid);
        search = new MotionSearch(source.y, 0, picture.width, picture.width, picture.height);
        intraModes = new IntraModes(source, picture, grid, coder, writer);
    }

    Macroblock best() {
        return best;
    }

    /**
     * Decides on one macroblock.
     *
     * @param qp            of its residual, if it has one
     * @param contexts      as the writer stands before it
     * @param previousQp    the quantiser decoders know
     * @param previousDelta whether the macroblock before changed it
     */
    void decide(int x, int y, int qp, BinCounter contexts, int previousQp, boolean previousDelta) {
        this.contexts = contexts;
        this.previousQp = previousQp;
        this.previousDelta = previousDelta;
        best.cost = Double.MAX_VALUE;
        plan.x = x;
        plan.y = y;
        plan.qp = qp;
        int interCost = Integer.MAX_VALUE;
        boolean skipped = false;
        if (references.length > 0) {
            skipped = trySkip();
            if (!skipped) interCost = tryInter();
        }
        if (!skipped) tryIntra(interCost);
        if (best.type != MbType.P_SKIP) {
            plan.copyPrediction(best);
            coder.thorough = true;
            code(plan);
            coder.thorough = false;
            evaluate();
        }
        restoreBest();
    }

    /** Tries P_Skip; true if nothing is left to code at its motion, so that no other candidate is worth a look. */
    private boolean trySkip() {
        prediction.predictSkip(plan.x, plan.y);
        if (!search.isInside(16 * plan.x, 16 * plan.y, prediction.x, prediction.y)) return false;
        for (int q = 0; q < 4; q++) plan.setMotion(q, prediction.x, prediction.y, 0);
        plan.type = MbType.P_16X16;
        plan.transform8x8 = true;
        code(plan);
        boolean empty = trial.cbp == 0;
        trial.copyPrediction(plan);
        trial.type = MbType.P_SKIP;
        trial.qp = previousQp;
        grid.putPrediction(trial);
        coder.skip(trial);
        evaluate();
        return empty;
    }

    /** Tries the partitions; the cost, in transformed differences, of the best motion. */
    private int tryInter() {
        int lambda = Lambda.SATD[plan.qp];
        plan.transform8x8 = true;
        int cost16 = searchPartitions(MbType.P_16X16, lambda);
        int mx16 = plan.mx[0], my16 = plan.my[0], ref16 = plan.ref[0];
        code(plan);
        evaluate();
        int least = cost16;

        int cost8 = searchPartitions(MbType.P_8X8, lambda);
        least = Math.min(least, cost8);
        int[] mx8 = plan.mx.clone(), my8 = plan.my.clone();
        if (cost8 < cost16 + cost16 / 16) {
            code(plan);
            evaluate();
            for (MbType type : new MbType[] {MbType.P_16X8, MbType.P_8X16}) {
                for (int q = 0; q < 4; q++) plan.setMotion(q, mx8[q], my8[q], ref16);
                int cost = searchPartitions(type, lambda);
                if (cost < least + least / 16) {
                    code(plan);
                    evaluate();
                }
                least = Math.min(least, cost);
            }
        }
        if (!best.type.isIntra() && best.type != MbType.P_SKIP && best.transform8x8) {
            plan.copyPrediction(best);
            plan.transform8x8 = false;
            code(plan);
            evaluate();
        }
        return least;
    }

    /** Searches motion for each partition of a type, which goes into the plan; the sum of the costs. */
    private int searchPartitions(MbType type, int lambda) {
        int sum = 0, knownX = plan.mx[0], knownY = plan.my[0], knownRef = plan.ref[0];
        int[] oldX = plan.mx.clone(), oldY = plan.my.clone();
        plan.type = type;
        for (int q = 0; q < 4; q++)
            if (type.startsPartition(q)) {
                int bestCost = Integer.MAX_VALUE, bestX = 0, bestY = 0, bestRef = 0;
                int first = type == MbType.P_16X16 ? 0 : knownRef,
                        last = type == MbType.P_16X16 ? references.length - 1 : knownRef;
                for (int ref = first; ref <= last; ref++) {
                    grid.putPrediction(plan);
                    prediction.predict(type, plan.x, plan.y, q, ref);
                    int n = 0;
                    if (type != MbType.P_16X16) {
                        n = addStart(n, knownX, knownY);
                        for (int p = 0; p < 4; p++) n = addStart(n, oldX[p], oldY[p]);
                    }
                    n = addNeighbours(n, q);
                    search.search(
                            references[ref],
                            16 * plan.x + 8 * (q & 1),
                            16 * plan.y + 8 * (q >> 1),
                            8 * type.partitionWidth(),
                            8 * type.partitionHeight(),
                            prediction.x,
                            prediction.y,
                            lambda,
                            starts,
                            n);
                    int cost = search.cost + (references.length > 1 ? lambda * (2 * ref + 1) >> 8 : 0);
                    if (cost < bestCost) {
                        bestCost = cost;
                        bestX = search.mx;
                        bestY = search.my;
                        bestRef = ref;
                    }
                }
                for (int j = 0; j < type.partitionHeight(); j++)
                    for (int i = 0; i < type.partitionWidth(); i++)
                        plan.setMotion(q + 2 * j + i, bestX, bestY, bestRef);
                sum += bestCost;
            }
        int parts = type == MbType.P_16X16 ? 1 : type == MbType.P_8X8 ? 4 : 2;
        return sum + (lambda * 2 * parts >> 8);
    }

    private int addStart(int n, int mx, int my) {
        starts[2 * n] = mx;
        starts[2 * n + 1] = my;
        return n + 1;
    }

    private int addNeighbours(int n, int q) {
        int at = grid.at8(plan.x, plan.y) + (q >> 1) * grid.stride8 + (q & 1);
        for (int i : new int[] {at - 1, at - grid.stride8, at - grid.stride8 + 2})
            if (grid.ref[i] >= 0) n = addStart(n, grid.mx[i], grid.my[i]);
        return n;
    }

    private void tryIntra(int interCost) {
        intraModes.choose16x16(plan);
        intraModes.chooseChroma(plan);
        if (interCost != Integer.MAX_VALUE && intraModes.cost > interCost + interCost / 2) return;
        plan.transform8x8 = false;
        code(plan);
        evaluate();
        plan.type = MbType.INTRA_8X8;
        plan.transform8x8 = true;
        intraModes.chooseNxN(plan, trial);
        code(plan);
        if (evaluate() > best.cost * 1.1) return; // smaller blocks will not make up for that
        plan.type = MbType.INTRA_4X4;
        plan.transform8x8 = false;
        intraModes.chooseNxN(plan, trial);
        code(plan);
        evaluate();
    }

    /** Codes the plan as the next trial. */
    private void code(Macroblock m) {
        trial.copyPrediction(m);
        grid.putPrediction(trial);
        coder.code(trial);
    }

    /** Compares the trial with the best so far; returns its cost. */
    private double evaluate() {
        int luma = picture.at(16 * plan.x, 16 * plan.y), chroma = picture.chromaAt(8 * plan.x, 8 * plan.y);
        int from = 16 * plan.y * picture.width + 16 * plan.x,
                chromaFrom = 8 * plan.y * (picture.width / 2) + 8 * plan.x;
        int distortion = BlockCost.ssd(source.y, from, picture.width, picture.y[0], luma, picture.stride, 16)
                + BlockCost.ssd(source.u, chromaFrom, picture.width / 2, picture.u, chroma, picture.stride / 2, 8)
                + BlockCost.ssd(source.v, chromaFrom, picture.width / 2, picture.v, chroma, picture.stride / 2, 8);
        counter.restart(contexts);
        writer.write(counter, trial, previousQp, previousDelta);
        double cost = distortion + Lambda.SSD[plan.qp] * counter.cost();
        trial.cost = cost;
        if (cost >= best.cost) return cost;
        copyRows(picture.y[0], luma, picture.stride, trial.reconY, 0, 16, 16);
        copyRows(picture.u, chroma, picture.stride / 2, trial.reconU, 0, 8, 8);
        copyRows(picture.v, chroma, picture.stride / 2, trial.reconV, 0, 8, 8);
        Macroblock swap = best;
        best = trial;
        trial = swap;
        return cost;
    }

    private void restoreBest() {
        copyRows(best.reconY, 0, 16, picture.y[0], picture.at(16 * plan.x, 16 * plan.y), picture.stride, 16);
        copyRows(best.reconU, 0, 8, picture.u, picture.chromaAt(8 * plan.x, 8 * plan.y), picture.stride / 2, 8);
        copyRows(best.reconV, 0, 8, picture.v, picture.chromaAt(8 * plan.x, 8 * plan.y), picture.stride / 2, 8);
        grid.putPrediction(best);
        grid.putResidual(best);
    }

    private static void copyRows(byte[] from, int at, int stride, byte[] to, int toAt, int toStride, int n) {
        for (int y = 0; y < n; y++) System.arraycopy(from, at + y * stride, to, toAt + y * toStride, n);
    }
}
