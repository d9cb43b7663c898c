package wanvae.video.h264;

/** Binarisation of mb_type and sub_mb_type of inter macroblocks (tables 9-36, 9-37 and 9-38). */
final class InterTypes {
    /** Which lists a partition uses: list 0, list 1, both. */
    private static final int L0 = 0, L1 = 1, BI = 2;
    /** mb_type of two 16x8 partitions in a B slice, by what the first and the second use; one more is two 8x16. */
    private static final int[][] TWO_PARTITIONS = {{4, 8, 12}, {10, 6, 14}, {16, 18, 20}};

    private InterTypes() {}

    static void writeP(Bins bins, Macroblock m) {
        bins.bin(14, 0);
        switch (m.type) {
            case INTER_16X16 -> {
                bins.bin(15, 0);
                bins.bin(16, 0);
            }
            case INTER_8X8 -> {
                bins.bin(15, 0);
                bins.bin(16, 1);
                for (int q = 0; q < 4; q++) bins.bin(21, 1);
            }
            default -> {
                bins.bin(15, 1);
                bins.bin(17, m.type == MbType.INTER_16X8 ? 1 : 0);
            }
        }
    }

    /** @param neighbours how many are coded with a type other than direct */
    static void writeB(Bins bins, Macroblock m, int neighbours) {
        if (m.type == MbType.DIRECT) {
            bins.bin(27 + neighbours, 0);
            return;
        }
        bins.bin(27 + neighbours, 1);
        int first = lists(m, 0);
        switch (m.type) {
            case INTER_16X16 -> {
                if (first == BI) writeNumber(bins, 0);
                else {
                    bins.bin(27 + 3, 0);
                    bins.bin(27 + 5, first);
                }
            }
            case INTER_8X8 -> {
                writeNumber(bins, 15);
                for (int q = 0; q < 4; q++) writeQuarter(bins, m, q);
            }
            default -> {
                boolean down = m.type == MbType.INTER_16X8;
                int type = TWO_PARTITIONS[first][lists(m, down ? 2 : 1)] + (down ? 0 : 1);
                if (type == 11) writeNumber(bins, 14);
                else if (type < 11) writeNumber(bins, type - 3);
                else {
                    writeNumber(bins, type + 4 >> 1);
                    bins.bin(27 + 5, type + 4 & 1);
                }
            }
        }
    }

    /** What goes before an intra type in a B slice. */
    static void writeIntraPrefix(Bins bins, int neighbours) {
        bins.bin(27 + neighbours, 1);
        writeNumber(bins, 13);
    }

    /** The second to sixth bin of mb_type, 1 and the four bits of a number. */
    private static void writeNumber(Bins bins, int number) {
        bins.bin(27 + 3, 1);
        bins.bin(27 + 4, number >> 3);
        for (int i = 2; i >= 0; i--) bins.bin(27 + 5, number >> i & 1);
    }

    private static void writeQuarter(Bins bins, Macroblock m, int q) {
        bins.bin(36, m.direct[q] ? 0 : 1);
        if (m.direct[q]) return;
        int lists = lists(m, q);
        bins.bin(37, lists == BI ? 1 : 0);
        if (lists == BI) {
            bins.bin(38, 0);
            bins.bin(39, 0);
            bins.bin(39, 0);
        } else bins.bin(39, lists);
    }

    private static int lists(Macroblock m, int q) {
        return m.ref[0][q] < 0 ? L1 : m.ref[1][q] < 0 ? L0 : BI;
    }
}
