package wanvae.video.h264;

/** Turns a macroblock's prediction into levels and reconstruction. */
final class MacroblockCoder {
    private final MbGrid grid;
    private final InterPrediction inter;
    /** Of the planes that are coded as luma is. */
    private final PlaneCoder[] planes;
    /** Of Cb and Cr in 4:2:0; null in 4:4:4. */
    private final ChromaCoder chroma;

    /** How levels are chosen. */
    final LevelDecision levels;

    /**
     * @param contexts as the writer stands before the macroblock that is coded
     * @param lambda   {@link Lambda#ssd}
     */
    MacroblockCoder(
            SourcePicture source,
            Reconstruction picture,
            ReferenceLists references,
            MbGrid grid,
            BinCounter contexts,
            double[] lambda) {
        this.grid = grid;
        inter = new InterPrediction(references);
        levels = new LevelDecision(source.format, contexts, lambda);
        planes = new PlaneCoder[source.format.likeLuma];
        for (int i = 0; i < planes.length; i++) planes[i] = new PlaneCoder(i, source, picture, levels);
        chroma = source.format == ChromaFormat.YUV420 ? new ChromaCoder(source, picture, levels) : null;
    }

    /** Fills in the samples that an inter macroblock's motion predicts. */
    void predict(Macroblock m) {
        inter.predict(m);
    }

    /** Prepares the prediction of an n x n block: {@link PlaneCoder#neighbours}. */
    IntraPrediction neighbours(int plane, Macroblock m, int column, int row, int n) {
        return planes[plane].neighbours(m, column, row, n);
    }

    /** Codes a block in all planes that are coded as luma is: {@link PlaneCoder#codeIntraBlock}. */
    void codeIntraBlock(Macroblock m, int k) {
        for (PlaneCoder plane : planes) plane.codeIntraBlock(m, k);
    }

    /**
     * Codes the residual of {@code m} against the prediction it names; sets its levels, counts and coded block pattern.
     * Inter macroblocks have their predicted samples already.
     */
    void code(Macroblock m) {
        codePlanes(m);
        codeChroma(m);
        grid.putResidual(m);
    }

    /** The part of {@link #code} that is luma, and what is coded as luma is. */
    void codePlanes(Macroblock m) {
        m.cbp = 0;
        for (PlaneCoder plane : planes) plane.code(m);
        if (!m.type.isIntra() && (m.cbp & 15) == 0) m.transform8x8 = false;
    }

    /** The part of {@link #code} that is 4:2:0 chroma, whose reconstruction is left in {@code m} alone. */
    void codeChroma(Macroblock m) {
        if (chroma != null) chroma.code(m);
    }

    /** Whether an inter macroblock with 8x8 transforms has no levels; stops at the first block that has. */
    boolean isEmpty(Macroblock m) {
        m.cbp = 0;
        for (PlaneCoder plane : planes) if (!plane.isEmpty(m)) return false;
        codeChroma(m);
        return m.cbp == 0;
    }

    /** Reconstructs a skipped macroblock: its prediction. */
    void skip(Macroblock m) {
        m.cbp = 0;
        m.transform8x8 = false;
        for (PlaneCoder plane : planes) plane.copyPrediction(m);
        if (chroma != null) chroma.copyPrediction(m);
        grid.putResidual(m);
    }

    /** Sum of squared differences of Cb and Cr between a macroblock, as last coded, and its source. */
    int chromaDistortion(Macroblock m) {
        if (chroma != null) return m.chroma.distortion;
        int sum = 0;
        for (int i = 1; i < planes.length; i++) sum += planes[i].distortion(m);
        return sum;
    }
}
