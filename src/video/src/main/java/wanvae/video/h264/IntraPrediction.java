package wanvae.video.h264;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Intra prediction (8.3) from the not yet deblocked samples of the picture being coded. Predictions go into a buffer of
 * the macroblock, 16 samples a row for luma and what is coded as luma is, 8 for 4:2:0 chroma.
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

    private static final ShortVector ZERO_TO_SEVEN =
            ShortVector.zero(SampleVectors.SHORTS).addIndex(1);

    /**
     * The samples around an n x n block: {@code [0, n)} left from the bottom up, {@code [n]} the corner, {@code [n + 1,
     * 3n + 1)} above.
     */
    private final int[] edge = new int[25];

    private final int[] raw = new int[25];
    /** Means of samples {@code i} and {@code i + 1}, and of {@code i - 1}, {@code i} twice and {@code i + 1}. */
    private final byte[] middle = new byte[25], smooth = new byte[25];

    private final byte[] line = new byte[24];
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
        filter(n);
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

    /** Takes the means of two and of three neighbouring samples, which all diagonal modes are made of. */
    private void filter(int n) {
        int last = 3 * n;
        for (int i = 0; i < last; i++) middle[i] = (byte) (edge[i] + edge[i + 1] + 1 >> 1);
        smooth[0] = (byte) (3 * edge[0] + edge[1] + 2 >> 2);
        for (int i = 1; i < last; i++) smooth[i] = (byte) (edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2 >> 2);
        smooth[last] = (byte) (edge[last - 1] + 3 * edge[last] + 2 >> 2);
    }

    /** Predicts the n x n block with the neighbours last read. */
    void predict(int mode, int n, byte[] out, int at) {
        int t = n + 1; // of the first sample above
        switch (mode) {
            case VERTICAL -> {
                for (int x = 0; x < n; x++) line[x] = (byte) edge[t + x];
                rows(line, 0, 0, n, out, at);
            }
            case HORIZONTAL -> {
                for (int y = 0; y < n; y++) Arrays.fill(out, at + 16 * y, at + 16 * y + n, (byte) edge[n - 1 - y]);
            }
            case DC -> {
                int sum = 0;
                if (left) for (int i = 0; i < n; i++) sum += edge[i];
                if (top) for (int i = 0; i < n; i++) sum += edge[t + i];
                int dc = left && top ? (sum + n) / (2 * n) : left || top ? (sum + n / 2) / n : 128;
                for (int y = 0; y < n; y++) Arrays.fill(out, at + 16 * y, at + 16 * y + n, (byte) dc);
            }
            case DOWN_LEFT -> rows(smooth, t + 1, 1, n, out, at);
            case DOWN_RIGHT -> rows(smooth, n, -1, n, out, at);
            case VERTICAL_RIGHT -> { // even rows, then odd ones; left of zero their samples come from the left edge
                verticalRight(middle, n, 1, out, at);
                verticalRight(smooth, n, 0, out, at + 16);
            }
            case HORIZONTAL_DOWN -> {
                for (int z = 2 * n - 2, k = 0; k < 3 * n - 2; z--, k++)
                    line[k] =
                            z < -1 ? smooth[n - z - 1] : (z & 1) == 0 ? middle[n - 1 - z / 2] : smooth[n - (z + 1) / 2];
                rows(line, 2 * n - 2, -2, n, out, at);
            }
            case VERTICAL_LEFT -> {
                for (int y = 0; y < n; y++)
                    SampleVectors.copy((y & 1) == 0 ? middle : smooth, t + (y >> 1) + (y & 1), out, at + 16 * y, n);
            }
            default -> { // horizontal up
                for (int z = 0; z < 3 * n - 2; z++)
                    line[z] = z > 2 * n - 3
                            ? (byte) edge[0]
                            : (z & 1) == 0 ? middle[n - 2 - z / 2] : smooth[n - 2 - z / 2];
                rows(line, 0, 2, n, out, at);
            }
        }
    }

    /** Fills rows from a line of samples, each {@code step} further on in it. */
    private static void rows(byte[] line, int from, int step, int n, byte[] out, int at) {
        for (int y = 0; y < n; y++) SampleVectors.copy(line, from + step * y, out, at + 16 * y, n);
    }

    /** Fills every other row: samples above from {@code above[n]} on, and every other smoothed one left of them. */
    private void verticalRight(byte[] above, int n, int parity, byte[] out, int at) {
        int before = n / 2 - 1;
        for (int i = 1; i <= before; i++) line[before - i] = smooth[n + parity - 2 * i];
        SampleVectors.copy(above, n, line, before, n);
        for (int y = 0; y < n; y += 2) SampleVectors.copy(line, before - y / 2, out, at + 16 * y, n);
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
        for (int y = 0; y < n; y++) SampleVectors.copy(plane, at - stride, out, n * y, n);
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
        // All sums have room in 16 bits.
        for (int y = 0; y < n; y++)
            for (int x = 0; x < n; x += 8) {
                ByteVector samples = (ByteVector) ZERO_TO_SEVEN
                        .mul((short) b)
                        .add((short) (a + b * (x - half + 1) + c * (y - half + 1) + 16))
                        .lanewise(VectorOperators.ASHR, 5)
                        .max((short) 0)
                        .min((short) 255)
                        .convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
                samples.intoArray(out, n * y + x);
            }
    }
}
