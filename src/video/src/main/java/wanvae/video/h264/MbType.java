package wanvae.video.h264;

/** How a macroblock is predicted. Lists and reference indices of inter prediction are in {@link Macroblock#ref}. */
enum MbType {
    INTRA_4X4,
    INTRA_8X8,
    INTRA_16X16,
    /** P_Skip or B_Skip: motion is derived, nothing is coded. */
    SKIP,
    /** B_Direct_16x16: motion is derived, a residual is coded. */
    DIRECT,
    INTER_16X16,
    INTER_16X8,
    INTER_8X16,
    INTER_8X8;

    static final MbType[] VALUES = values();

    boolean isIntra() {
        return ordinal() <= INTRA_16X16.ordinal();
    }

    /** Whether prediction modes are coded for each 4x4 or 8x8 block. */
    boolean isIntraNxN() {
        return this == INTRA_4X4 || this == INTRA_8X8;
    }

    /** Whether a partition with coded motion starts at the 8x8 quarter {@code q}. */
    boolean startsPartition(int q) {
        return switch (this) {
            case INTER_16X16 -> q == 0;
            case INTER_16X8 -> q == 0 || q == 2;
            case INTER_8X16 -> q == 0 || q == 1;
            case INTER_8X8 -> true;
            default -> false;
        };
    }

    /** Width of a partition in 8x8 quarters. */
    int partitionWidth() {
        return this == INTER_8X16 || this == INTER_8X8 ? 1 : 2;
    }

    /** Height of a partition in 8x8 quarters. */
    int partitionHeight() {
        return this == INTER_16X8 || this == INTER_8X8 ? 1 : 2;
    }
}
