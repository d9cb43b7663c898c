package wanvae.video.h264;

import java.util.Arrays;

/**
 * Intra prediction (8.3) from the not yet deblocked samples of the picture being coded. Predictions go into a buffer of
 * the macroblock, 16 samples a row for luma and 8 for chroma.
 */
final class IntraPrediction {
    /** Modes of 4x4 and 8x8 blocks. */
    static final int VERTICAL = 0,
            HORIZONTAL = 1,
            DC = 2,
            DOWN_LEFT = 3,
            DOWN_RIGHT = 4,
            VERTICAL_RIGHT = 5,
            HORIZONTAL_DOWN = 6,
            VERTICAL_LEFT = 7,
            HORIZONTAL_UP = 8;
    /** Mode of 16x16 macroblocks beside vertical, horizontal and DC. */
    static final int PLANE_16X16 = 3;
    /** Modes of chroma. */
    static final int CHROMA_DC = 0, CHROMA_HORIZONTAL = 1, CHROMA_VERTICAL = 2, CHROMA_PLANE = 3;

    /**
     * The samples around an n x n block: {@code [0, n)} left from the bottom up, {@code [n]} the corner, {@code [n + 1,
     * 3n + 1)} above.
     */
    private final int[] edge = new int[25];

    private final int[] raw = new int[25];
    private boolean left, top, corner;

    /**
     * Reads the neighbours of an n x n block whose top left sample is {@code plane[at]}; {@code n} is 4 or 8, of which
     * 8 are smoothed.
     */
    void neighbours(
            byte[] plane, int stride, int at, int n, boolean left, boolean top, boolean corner, boolean topRight) {
        this.left = left;
        this.top = top;
        this.corner = corner;
        int[] e = n == 4 ? edge : raw;
        if (left) for (int y = 0; y < n; y++) e[n - 1 - y] = plane[at + y * stride - 1] & 0xFF;
        if (corner) e[n] = plane[at - stride - 1] & 0xFF;
        if (top) {
            int read = topRight ? 2 * n : n;
            for (int x = 0; x < read; x++) e[n + 1 + x] = plane[at - stride + x] & 0xFF;
            if (!topRight) Arrays.fill(e, 2 * n + 1, 3 * n + 1, e[2 * n]);
        }
        if (n == 8) smooth();
    }

    /** The reference sample filter of 8x8 blocks (8.3.2.2.1). */
    private void smooth() {
        int n = 8;
        int from = left ? 0 : corner ? n : n + 1,
                to = top ? 3 * n : corner ? n : n - 1; // runs of available neighbours, ends included
        for (int i = from; i <= to; i++) {
            if (i == n && !corner) continue;
            boolean before = i > from && !(i == n + 1 && !corner), after = i < to && !(i == n - 1 && !corner);
            int a = raw[before ? i - 1 : i], b = raw[after ? i + 1 : i];
            edge[i] = a + 2 * raw[i] + b + 2 >> 2;
        }
    }

    /** Whether a mode of 4x4 and 8x8 blocks can be used with the neighbours last read. */
    boolean allows(int mode) {
        return switch (mode) {
            case DC -> true;
            case VERTICAL, DOWN_LEFT, VERTICAL_LEFT -> top;
            case HORIZONTAL, HORIZONTAL_UP -> left;
            default -> left && top && corner;
        };
    }

    /** Predicts the n x n block with the neighbours last read. */
    void predict(int mode, int n, byte[] out, int at) {
        int[] e = edge;
        int t = n + 1; // of the first sample above
        switch (mode) {
            case VERTICAL -> {
                for (int y = 0; y < n; y++) for (int x = 0; x < n; x++) out[at + 16 * y + x] = (byte) e[t + x];
            }
            case HORIZONTAL -> {
                for (int y = 0; y < n; y++) Arrays.fill(out, at + 16 * y, at + 16 * y + n, (byte) e[n - 1 - y]);
            }
            case DC -> {
                int sum = 0;
                if (left) for (int i = 0; i < n; i++) sum += e[i];
                if (top) for (int i = 0; i < n; i++) sum += e[t + i];
                int dc = left && top ? (sum + n) / (2 * n) : left || top ? (sum + n / 2) / n : 128;
                for (int y = 0; y < n; y++) Arrays.fill(out, at + 16 * y, at + 16 * y + n, (byte) dc);
            }
            case DOWN_LEFT -> {
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++) {
                        int i = t + x + y;
                        out[at + 16 * y + x] =
                                (byte) (x + y == 2 * n - 2 ? e[i] + 3 * e[i + 1] + 2 >> 2 : smooth(i + 1));
                    }
            }
            case DOWN_RIGHT -> {
                for (int y = 0; y < n; y++) for (int x = 0; x < n; x++) out[at + 16 * y + x] = (byte) smooth(n + x - y);
            }
            case VERTICAL_RIGHT -> {
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++) {
                        int z = 2 * x - y, i = n + x - (y >> 1);
                        out[at + 16 * y + x] = (byte)
                                (z < -1
                                        ? smooth(n - y + 2 * x + 1)
                                        : z == -1 ? smooth(n) : (z & 1) == 0 ? middle(i) : smooth(i));
                    }
            }
            case HORIZONTAL_DOWN -> {
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++) {
                        int z = 2 * y - x, i = n - y + (x >> 1);
                        out[at + 16 * y + x] = (byte)
                                (z < -1
                                        ? smooth(n + x - 2 * y - 1)
                                        : z == -1 ? smooth(n) : (z & 1) == 0 ? middle(i - 1) : smooth(i));
                    }
            }
            case VERTICAL_LEFT -> {
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++) {
                        int i = t + x + (y >> 1);
                        out[at + 16 * y + x] = (byte) ((y & 1) == 0 ? middle(i) : smooth(i + 1));
                    }
            }
            default -> { // horizontal up
                for (int y = 0; y < n; y++)
                    for (int x = 0; x < n; x++) {
                        int z = x + 2 * y, i = n - 1 - y - (x >> 1); // of the left sample
                        out[at + 16 * y + x] = (byte)
                                (z > 2 * n - 3
                                        ? e[0]
                                        : z == 2 * n - 3
                                                ? e[1] + 3 * e[0] + 2 >> 2
                                                : (z & 1) == 0 ? middle(i - 1) : smooth(i - 1));
                    }
            }
        }
    }

    private int smooth(int i) {
        return edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2 >> 2;
    }

    private int middle(int i) {
        return edge[i] + edge[i + 1] + 1 >> 1;
    }

    static boolean allows16x16(int mode, boolean left, boolean top, boolean corner) {
        return switch (mode) {
            case VERTICAL -> top;
            case HORIZONTAL -> left;
            case DC -> true;
            default -> left && top && corner;
        };
    }

    /** Predicts the 16x16 macroblock whose top left sample is {@code plane[at]}. */
    static void predict16x16(int mode, byte[] plane, int stride, int at, boolean left, boolean top, byte[] out) {
        switch (mode) {
            case VERTICAL -> vertical(plane, stride, at, 16, out);
            case HORIZONTAL -> horizontal(plane, stride, at, 16, out);
            case DC -> {
                int sum = (left ? columnSum(plane, stride, at, 16) : 0) + (top ? rowSum(plane, stride, at, 16) : 0);
                Arrays.fill(out, 0, 256, (byte) (left && top ? sum + 16 >> 5 : left || top ? sum + 8 >> 4 : 128));
            }
            default -> plane(plane, stride, at, 16, 5, 6, out);
        }
    }

    static boolean allowsChroma(int mode, boolean left, boolean top, boolean corner) {
        return switch (mode) {
            case CHROMA_DC -> true;
            case CHROMA_HORIZONTAL -> left;
            case CHROMA_VERTICAL -> top;
            default -> left && top && corner;
        };
    }

    /** Predicts an 8x8 block of chroma. */
    static void predictChroma(int mode, byte[] plane, int stride, int at, boolean left, boolean top, byte[] out) {
        switch (mode) {
            case CHROMA_DC -> {
                for (int by = 0; by < 8; by += 4)
                    for (int bx = 0; bx < 8; bx += 4) {
                        // Off the diagonal the nearer side alone decides, where there is one.
                        boolean useLeft = left && !(bx > by && top), useTop = top && !(by > bx && left);
                        int sum = (useLeft ? columnSum(plane, stride, at + by * stride, 4) : 0)
                                + (useTop ? rowSum(plane, stride, at + bx, 4) : 0);
                        int dc = useLeft && useTop ? sum + 4 >> 3 : useLeft || useTop ? sum + 2 >> 2 : 128;
                        for (int y = by; y < by + 4; y++) Arrays.fill(out, 8 * y + bx, 8 * y + bx + 4, (byte) dc);
                    }
            }
            case CHROMA_HORIZONTAL -> horizontal(plane, stride, at, 8, out);
            case CHROMA_VERTICAL -> vertical(plane, stride, at, 8, out);
            default -> plane(plane, stride, at, 8, 34, 6, out);
        }
    }

    private static void vertical(byte[] plane, int stride, int at, int n, byte[] out) {
        for (int y = 0; y < n; y++) System.arraycopy(plane, at - stride, out, n * y, n);
    }

    private static void horizontal(byte[] plane, int stride, int at, int n, byte[] out) {
        for (int y = 0; y < n; y++) Arrays.fill(out, n * y, n * y + n, plane[at + y * stride - 1]);
    }

    private static int columnSum(byte[] plane, int stride, int at, int n) {
        int sum = 0;
        for (int y = 0; y < n; y++) sum += plane[at + y * stride - 1] & 0xFF;
        return sum;
    }

    private static int rowSum(byte[] plane, int stride, int at, int n) {
        int sum = 0;
        for (int x = 0; x < n; x++) sum += plane[at - stride + x] & 0xFF;
        return sum;
    }

    /** Plane prediction: a slope across and one down, {@code (gain * sum + 2^(shift - 1)) >> shift}. */
    private static void plane(byte[] plane, int stride, int at, int n, int gain, int shift, byte[] out) {
        int half = n / 2, across = 0, down = 0, above = at - stride;
        for (int i = 1; i <= half; i++) {
            across += i * ((plane[above + half - 1 + i] & 0xFF) - (plane[above + half - 1 - i] & 0xFF));
            down += i
                    * ((plane[at - 1 + (half - 1 + i) * stride] & 0xFF)
                            - (plane[at - 1 + (half - 1 - i) * stride] & 0xFF));
        }
        int b = gain * across + (1 << shift - 1) >> shift, c = gain * down + (1 << shift - 1) >> shift;
        int a = 16 * ((plane[at - 1 + (n - 1) * stride] & 0xFF) + (plane[above + n - 1] & 0xFF));
        for (int y = 0; y < n; y++)
            for (int x = 0; x < n; x++)
                out[n * y + x] = (byte) Math.clamp(a + b * (x - half + 1) + c * (y - half + 1) + 16 >> 5, 0, 255);
    }
}
