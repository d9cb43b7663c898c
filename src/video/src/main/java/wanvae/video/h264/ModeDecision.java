package wanvae.video.h264;

/**
 * Chooses how a macroblock is coded: candidates are found by transformed differences, then really coded and compared by
 * distortion plus lambda times the bits CABAC would take. The best one is left in {@link #best()}, the picture and the
 * grid.
 */
final class ModeDecision {
    /**
     * A skipped macroblock of a B picture that is wrong by what fewer bits are worth is not compared with others: the first
     * bound holds everywhere, the second one where skipped neighbours are wrong by about as much.
     */
    private static final int SKIP_BITS = 20, SKIP_BITS_AMONG_SKIPPED = 60;
    /** Where 16x16 intra prediction costs this many times the best candidate, smaller blocks seldom make up for it. */
    private static final double HOPELESS = 1.25;

    private final SourcePicture source;
    private final Reconstruction picture;
    private final ReferenceLists references;
    private final SliceType slice;
    /** {@link Lambda#ssd}. */
    private final double[] lambda;

    private final Effort effort;
    private final MbGrid grid;
    private final MacroblockCoder coder;
    private final MacroblockWriter writer;
    private final MotionPrediction prediction;
    private final MotionSearch search;
    private final InterCandidates inter;
    private final IntraModes intraModes;
    private final LumaDistortion lumaDistortion;
    /** {@code [column]}: the bits that the last macroblock decided on there is wrong by if it is skipped, or else 0. */
    private final double[] skippedBits;

    private final Bins bins;
    private final BinCounter counter;

    private BinCounter contexts;
    private int previousQp;
    private boolean previousDelta;
    private Macroblock trial, best;
    private final Macroblock plan, skipped;

    ModeDecision(
            SourcePicture source,
            Reconstruction picture,
            ReferenceLists references,
            SliceType slice,
            MbGrid grid,
            MacroblockCoder coder,
            MacroblockWriter writer,
            Effort effort) {
        this.effort = effort;
        this.source = source;
        this.picture = picture;
        this.references = references;
        this.slice = slice;
        lambda = Lambda.ssd(slice);
        this.grid = grid;
        this.coder = coder;
        this.writer = writer;
        prediction = new MotionPrediction(grid);
        // In B pictures, which are coarser and take two predictions, chroma is not worth the time.
        ChromaDifference chroma = slice == SliceType.P && source.format == ChromaFormat.YUV420
                ? new ChromaDifference(new byte[][] {source.planes[1], source.planes[2]}, picture.width / 2)
                : null;
        search = new MotionSearch(source.likeLuma(), chroma, 0, picture.width, picture.width, picture.height);
        if (effort == Effort.SLOW) {
            search.halfSteps = 4;
            search.quarterSteps = 4;
        }
        inter = new InterCandidates(source, grid, references, search, effort);
        lumaDistortion = new LumaDistortion(source.y, picture.width);
        intraModes = new IntraModes(source, picture, grid, coder, writer);
        skippedBits = new double[grid.width];
        bins = new Bins(grid.format);
        counter = new BinCounter(grid.format);
        trial = new Macroblock(grid.format);
        best = new Macroblock(grid.format);
        plan = new Macroblock(grid.format);
        skipped = new Macroblock(grid.format);
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
        coder.levels.thorough = false;
        plan.x = x;
        plan.y = y;
        plan.qp = qp;
        lumaDistortion.start(x, y);
        // Whether a macroblock is empty is asked of plain quantisation: the trellis empties more than the eye forgives.
        boolean done = slice != SliceType.I && trySkip() && effort != Effort.SLOW;
        coder.levels.thorough = effort == Effort.SLOW;
        if (!done) {
            if (slice != SliceType.I) tryInter();
            tryIntra(slice == SliceType.I ? Integer.MAX_VALUE : inter.least);
        }
        if (best.type != MbType.SKIP) {
            plan.copyPrediction(best);
            coder.levels.thorough = true;
            coder.levels.lumaWeight = best.lumaWeight;
            code(plan);
            coder.levels.lumaWeight = 1;
            evaluate();
        }
        skippedBits[x] = best.type == MbType.SKIP ? inBits(best.cost) : 0;
        restoreBest();
    }

    /**
     * Tries a skipped macroblock; true if nothing is left to code at its motion, so that no other candidate is worth a
     * look. In B pictures, whose coarse quantisers leave nothing of large errors either, they have to be small too, or the
     * first macroblocks of a motion would never find it. Noise is the same all around: an error of up to one and a half
     * times the mean of those to the left and above, which are skipped, is likely to be nothing else.
     */
    private boolean trySkip() {
        skipped.x = plan.x;
        skipped.y = plan.y;
        skipped.qp = plan.qp;
        skipped.transform8x8 = true;
        if (slice == SliceType.B) {
            prediction.predictDirect(skipped, references.get(1, 0).still);
            skipped.type = MbType.DIRECT;
        } else {
            prediction.predictSkip(plan.x, plan.y);
            skipped.type = MbType.INTER_16X16;
            skipped.setDirect(false);
            for (int q = 0; q < 4; q++) {
                skipped.setMotion(0, q, prediction.x, prediction.y, 0);
                skipped.setMotion(1, q, 0, 0, -1);
            }
        }
        if (!isInside(skipped)) {
            skipped.type = null;
            return false;
        }
        coder.predict(skipped);
        start(skipped);
        boolean empty;
        if (slice == SliceType.B) {
            coder.code(trial);
            empty = trial.cbp == 0;
            if (!empty) evaluate();
        } else empty = coder.isEmpty(trial);
        trial.copyPrediction(skipped);
        trial.type = MbType.SKIP;
        trial.qp = previousQp;
        grid.putPrediction(trial);
        coder.skip(trial);
        double cost = evaluate();
        if (slice != SliceType.B) return empty;
        double left = plan.x > 0 ? skippedBits[plan.x - 1] : 0, usual = 1.5 * (left + skippedBits[plan.x]) / 2;
        return empty && inBits(cost) < Math.max(SKIP_BITS, Math.min(SKIP_BITS_AMONG_SKIPPED, usual));
    }

    /** How many bits a cost of the macroblock being decided on is worth. */
    private double inBits(double cost) {
        return cost / (lambda[plan.qp] * BinCounter.BIT);
    }

    private boolean isInside(Macroblock m) {
        for (int q = 0; q < 4; q++)
            for (int list = 0; list < 2; list++)
                if (m.ref[list][q] >= 0
                        && !search.isInside(
                                16 * m.x + 8 * (q & 1), 16 * m.y + 8 * (q >> 1), m.mx[list][q], m.my[list][q]))
                    return false;
        return true;
    }

    private void tryInter() {
        inter.find(plan.x, plan.y, plan.qp, slice == SliceType.B && skipped.type != null ? skipped : null);
        int margin = switch (effort) {
            case FAST -> 0;
            case MEDIUM -> inter.least / 32;
            case SLOW -> inter.least / 4;
        };
        for (int i = 0; i < inter.count; i++)
            if (inter.cost(i) <= inter.least + margin) {
                coder.predict(inter.get(i));
                code(inter.get(i));
                evaluate();
            }
        boolean hasLuma = (best.cbp & 15) != 0;
        if (best.transform8x8 && hasLuma && effort.atLeast(Effort.MEDIUM)) {
            plan.copyPrediction(best);
            plan.transform8x8 = false;
            codePlanes(plan, best);
            evaluate();
        }
    }

    private void tryIntra(int interCost) {
        intraModes.choose16x16(plan);
        if (interCost != Integer.MAX_VALUE && intraModes.cost > interCost + interCost / 2) return;
        if (plan.chroma != null) {
            intraModes.chooseChroma(plan);
            coder.codeChroma(plan); // for all of the types below
        }
        plan.transform8x8 = false;
        codePlanes(plan, plan);
        double cost = evaluate();
        if (effort != Effort.SLOW && cost > (effort == Effort.FAST ? 1 : HOPELESS) * best.cost) return;
        plan.type = MbType.INTRA_8X8;
        plan.transform8x8 = true;
        // Smaller blocks do not make up for that, unless 16x16 is best: then detail may lie within blocks of 4x4.
        if (codeIntraBlocks() > best.cost * 1.1 && !best.type.isIntra()) return;
        plan.type = MbType.INTRA_4X4;
        plan.transform8x8 = false;
        codeIntraBlocks();
    }

    /** Tries the plan with the best modes for its blocks; returns the cost. */
    private double codeIntraBlocks() {
        start(plan);
        intraModes.chooseNxN(trial);
        trial.copyChroma(plan);
        grid.putResidual(trial);
        return evaluate();
    }

    /** Codes a candidate as the next trial. */
    private void code(Macroblock m) {
        start(m);
        coder.code(trial);
    }

    /** Codes a candidate whose 4:2:0 chroma is coded in another macroblock already. */
    private void codePlanes(Macroblock m, Macroblock chroma) {
        start(m);
        coder.codePlanes(trial);
        trial.copyChroma(chroma);
        grid.putResidual(trial);
    }

    private void start(Macroblock m) {
        trial.copyPrediction(m);
        grid.putPrediction(trial);
    }

    /** Compares the trial with the best so far; returns its cost, or if that is hopeless its distortion alone. */
    private double evaluate() {
        int luma = picture.at(16 * plan.x, 16 * plan.y);
        double distortion = lumaDistortion.of(picture.y[0], luma, picture.stride)
                + source.format.errorWeight(plan.qp) * coder.chromaDistortion(trial);
        if (distortion > HOPELESS * best.cost) return distortion;
        bins.clear();
        writer.write(bins, trial, previousQp, previousDelta);
        counter.copy(contexts);
        double cost = distortion + lambda[plan.qp] * counter.count(bins);
        trial.cost = cost;
        trial.lumaWeight = lumaDistortion.weight;
        if (cost >= best.cost) return cost;
        for (int plane = 0; plane < trial.planes.length; plane++)
            copyRows(picture.planes[plane][0], luma, picture.stride, trial.planes[plane].recon, 0, 16, 16);
        Macroblock swap = best;
        best = trial;
        trial = swap;
        return cost;
    }

    private void restoreBest() {
        int at = picture.at(16 * plan.x, 16 * plan.y), chromaAt = picture.chromaAt(8 * plan.x, 8 * plan.y);
        for (int plane = 0; plane < best.planes.length; plane++)
            copyRows(best.planes[plane].recon, 0, 16, picture.planes[plane][0], at, picture.stride, 16);
        if (best.chroma != null)
            for (int plane = 0; plane < 2; plane++)
                copyRows(
                        best.chroma.recon[plane],
                        0,
                        8,
                        picture.planes[1 + plane][0],
                        chromaAt,
                        picture.chromaStride,
                        8);
        grid.putPrediction(best);
        grid.putResidual(best);
    }

    private static void copyRows(byte[] from, int at, int stride, byte[] to, int toAt, int toStride, int n) {
        for (int y = 0; y < n; y++) SampleVectors.copy(from, at + y * stride, to, toAt + y * toStride, n);
    }
}
