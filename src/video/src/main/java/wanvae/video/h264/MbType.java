package wanvae.video.h264;

/** The kinds of macroblocks this encoder makes. */
enum MbType {
    INTRA_4X4,
    INTRA_8X8,
    INTRA_16X16,
    P_SKIP,
    P_16X16,
    P_16X8,
    P_8X16,
    P_8X8;

    static final MbType[] VALUES = values();

    boolean isIntra() {
        return ordinal() <= INTRA_16X16.ordinal();
    }

    /** Whether prediction modes are coded for each 4x4 or 8x8 block. */
    boolean isIntraNxN() {
        return this == INTRA_4X4 || this == INTRA_8X8;
    }

    /** Of the 8x8 quarter {@code q}: whether a partition starts there, the motion of which is coded. */
    boolean startsPartition(int q) {
        return switch (this) {
            case P_16X16, P_SKIP -> q == 0;
            case P_16X8 -> q == 0 || q == 2;
            case P_8X16 -> q == 0 || q == 1;
            case P_8X8 -> true;
            default -> false;
        };
    }

    /** Width of a partition in 8x8 quarters. */
    int partitionWidth() {
        return this == P_8X16 || this == P_8X8 ? 1 : 2;
    }

    /** Height of a partition in 8x8 quarters. */
    int partitionHeight() {
        return this == P_16X8 || this == P_8X8 ? 1 : 2;
    }
}
