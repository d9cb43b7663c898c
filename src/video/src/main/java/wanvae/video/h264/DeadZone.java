package wanvae.video.h264;

/** How quantisation rounds: what is added to a coefficient in steps, and so how far from 0 a level is not 0. */
enum DeadZone {
    INTER(11),
    INTRA(21),
    /** None: to the nearest level. */
    NEAREST(32);

    /** In 64ths of a step. */
    private final int offset;

    /**
     * {@code [qp][position]}: the least coefficients, without sign, whose levels are not 0; as {@link Transform8x8} has
     * them, and of two blocks as {@link Transform4x4} has them.
     */
    final short[][] least8x8 = new short[52][64], least4x4 = new short[52][32];

    DeadZone(int offset) {
        this.offset = offset;
        for (int qp = 0; qp < 52; qp++) {
            for (int i = 0; i < 64; i++) least8x8[qp][i] = least(Quantizer.QUANT8[qp % 6][i], 16 + qp / 6);
            for (int i = 0; i < 32; i++) least4x4[qp][i] = least(Quantizer.QUANT4[qp % 6][i], 15 + qp / 6);
        }
    }

    private short least(int quant, int shift) {
        int rest = (64 - offset) << shift - 6;
        return (short) ((rest + quant - 1) / quant);
    }

    /** What is added before {@code shift} bits are dropped. */
    int round(int shift) {
        return offset << shift - 6;
    }
}
