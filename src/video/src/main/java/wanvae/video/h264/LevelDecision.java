package wanvae.video.h264;

/** Chooses the levels of a macroblock's coefficients: by rounding, or thoroughly by the trellis. */
final class LevelDecision {
    private final Trellis trellis;
    /** {@link Lambda#ssd}. */
    private final double[] lambda;

    private final ChromaFormat format;
    /** Whether levels are chosen by the trellis. */
    boolean thorough;
    /** What the trellis takes a squared error of luma for. */
    double lumaWeight = 1;

    /** @param contexts as the writer stands before the macroblock */
    LevelDecision(ChromaFormat format, BinCounter contexts, double[] lambda) {
        this.format = format;
        trellis = new Trellis(contexts);
        this.lambda = lambda;
    }

    /**
     * What a bit is worth in a plane, of macroblocks with a luma quantiser.
     *
     * @param plane 0 is luma
     */
    double lambda(int plane, int qp) {
        return lambda[qp] / (plane == 0 ? lumaWeight : format.errorWeight(qp));
    }

    /** {@link Quantizer#significant4x4}. */
    int significant4x4(short[] pair, int at, int qp, DeadZone deadZone) {
        return Quantizer.significant4x4(pair, at, qp, thorough ? DeadZone.NEAREST : deadZone);
    }

    /**
     * {@link Quantizer#quantize4x4}.
     *
     * @param significant of the pair of blocks that the one at {@code at} is in
     * @param category    of {@link ResidualWriter}
     */
    int quantize4x4(
            short[] pair,
            int at,
            int significant,
            int[] levels,
            int first,
            int qp,
            double lambda,
            DeadZone deadZone,
            int category) {
        int map = significant >>> (at & 4);
        return thorough
                ? trellis.quantize4x4(pair, at, map, levels, first, qp, lambda, category)
                : Quantizer.quantize4x4(pair, at, map, levels, first, qp, deadZone);
    }

    /** {@link Quantizer#quantize8x8}. */
    int quantize8x8(short[] block, int[] levels, int qp, double lambda, DeadZone deadZone, int category) {
        return thorough
                ? trellis.quantize8x8(block, levels, qp, lambda, category)
                : Quantizer.quantize8x8(block, levels, qp, deadZone);
    }
}
