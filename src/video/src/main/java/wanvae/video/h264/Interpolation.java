package wanvae.video.h264;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Motion-compensated samples (8.4.2.2). Half samples of planes that are coded as luma is are made once a picture with the 6-tap filter; a
 * quarter sample is the rounded mean of its two nearest whole or half ones.
 */
final class Interpolation {
    /** Which two of a plane of {@link Reconstruction#planes} make the quarter position {@code 4 * (my & 3) + (mx & 3)}. */
    private static final int[] FIRST = {0, 1, 1, 1, 0, 1, 1, 1, 2, 3, 3, 3, 0, 1, 1, 1};

    private static final int[] SECOND = {0, 0, 1, 0, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 3, 2};

    private static final int LANES = SampleVectors.SHORTS.length();

    private Interpolation() {}

    /** Which of a plane of {@link Reconstruction#planes} has the samples at whole or half positions. */
    static int plane(int mx, int my) {
        return FIRST[(my & 3) * 4 + (mx & 3)];
    }

    /**
     * Fills the half samples of a plane whose whole ones are complete with their border; the outermost 3 samples are left
     * as they are.
     *
     * @param plane  one of {@link Reconstruction#planes}
     * @param stride distance of rows
     */
    static void halfSamples(byte[][] plane, int stride) {
        byte[] whole = plane[0], right = plane[1], down = plane[2], both = plane[3];
        int rows = whole.length / stride;
        short[] column = new short[stride], sums = new short[stride];
        for (int row = 3; row < rows - 3; row++) {
            int at = row * stride;
            sumColumns(whole, at, stride, column);
            half(column, stride, down, at);
            sumRow(whole, at, stride, sums);
            half(sums, stride, right, at);
            halfBoth(column, stride, both, at);
        }
    }

    // Several short loops: of a longer one C2 leaves vectors on the heap.
    private static void sumColumns(byte[] whole, int at, int stride, short[] column) {
        for (int x = 0; x < stride; x += LANES) sixTaps(whole, at + x, stride).intoArray(column, x);
    }

    // The last vector of a row ends where the samples do, and overlaps the one before.
    private static void sumRow(byte[] whole, int at, int stride, short[] sums) {
        for (int x = 3; x < stride - 3; x = next(x, stride))
            sixTaps(whole, at + x, 1).intoArray(sums, x);
    }

    private static void half(short[] sums, int stride, byte[] out, int at) {
        for (int x = 0; x < stride; x += LANES) {
            ByteVector samples = (ByteVector) ShortVector.fromArray(SampleVectors.SHORTS, sums, x)
                    .add((short) 16)
                    .lanewise(VectorOperators.ASHR, 5)
                    .max((short) 0)
                    .min((short) 255)
                    .convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
            samples.intoArray(out, at + x);
        }
    }

    private static void halfBoth(short[] column, int stride, byte[] both, int at) {
        for (int x = 3; x < stride - 3; x = next(x, stride)) {
            ByteVector samples = (ByteVector) sixTaps(column, x)
                    .max((short) 0)
                    .min((short) 255)
                    .convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
            samples.intoArray(both, at + x);
        }
    }

    private static int next(int x, int stride) {
        int last = stride - 3 - LANES;
        return x < last ? Math.min(x + LANES, last) : stride;
    }

    private static ShortVector sixTaps(byte[] s, int at, int step) {
        ShortVector outer = SampleVectors.load(s, at - 2 * step).add(SampleVectors.load(s, at + 3 * step));
        ShortVector middle = SampleVectors.load(s, at - step).add(SampleVectors.load(s, at + 2 * step));
        ShortVector inner = SampleVectors.load(s, at).add(SampleVectors.load(s, at + step));
        return outer.sub(middle.mul((short) 5)).add(inner.mul((short) 20));
    }

    /**
     * {@code (outer - 5 middle + 20 inner + 512) >> 10} of column sums, in 16 bits: divided by 16 in two steps, in the
     * second of which only what is clipped afterwards can saturate.
     */
    private static ShortVector sixTaps(short[] column, int x) {
        ShortVector outer = load(column, x - 2).add(load(column, x + 3)),
                middle = load(column, x - 1).add(load(column, x + 2));
        ShortVector inner = load(column, x).add(load(column, x + 1));
        ShortVector quarter = outer.sub(middle).lanewise(VectorOperators.ASHR, 2);
        ShortVector sixteenth =
                quarter.sub(middle).lanewise(VectorOperators.SADD, inner).lanewise(VectorOperators.ASHR, 2);
        return sixteenth.add(inner).add((short) 32).lanewise(VectorOperators.ASHR, 6);
    }

    private static ShortVector load(short[] column, int x) {
        return ShortVector.fromArray(SampleVectors.SHORTS, column, x);
    }

    /**
     * Predicts {@code w} (8 or 16) x {@code h} samples of a plane with half samples, at ({@code x}, {@code y}) moved by
     * quarter samples, into rows of 16.
     */
    static void luma(
            Reconstruction reference,
            byte[][] plane,
            int x,
            int y,
            int mx,
            int my,
            int w,
            int h,
            byte[] out,
            int outAt) {
        int stride = reference.stride, quarter = (my & 3) * 4 + (mx & 3);
        int at = reference.at(x + (mx >> 2), y + (my >> 2));
        byte[] a = plane[FIRST[quarter]];
        int aAt = at + ((my & 3) == 3 ? stride : 0);
        if ((quarter & 5) == 0) {
            for (int row = 0; row < h; row++) SampleVectors.copy(a, aAt + row * stride, out, outAt + 16 * row, w);
            return;
        }
        byte[] b = plane[SECOND[quarter]];
        int bAt = at + ((mx & 3) == 3 ? 1 : 0);
        if (w == 16)
            for (int row = 0; row < h; row++)
                SampleVectors.mean16(a, aAt + row * stride, b, bAt + row * stride, out, outAt + 16 * row);
        else
            for (int row = 0; row < h; row++)
                SampleVectors.mean8(a, aAt + row * stride, b, bAt + row * stride, out, outAt + 16 * row);
    }

    /** Predicts {@code w} (4 or 8) x {@code h} samples of a chroma plane, moved by eighths, into rows of 8. */
    static void chroma(
            Reconstruction reference, byte[] plane, int x, int y, int mx, int my, int w, int h, byte[] out, int outAt) {
        int stride = reference.stride / 2, dx = mx & 7, dy = my & 7;
        int at = reference.chromaAt(x + (mx >> 3), y + (my >> 3));
        if (w == LANES) chroma8(plane, at, stride, dx, dy, h, out, outAt);
        else chroma4(plane, at, stride, dx, dy, h, out, outAt);
    }

    private static void chroma8(byte[] plane, int at, int stride, int dx, int dy, int h, byte[] out, int outAt) {
        ShortVector above = across(plane, at, dx);
        for (int row = 1; row <= h; row++, outAt += 8) {
            ShortVector below = across(plane, at + row * stride, dx);
            ByteVector samples = (ByteVector) above.mul((short) (8 - dy))
                    .add(below.mul((short) dy))
                    .add((short) 32)
                    .lanewise(VectorOperators.LSHR, 6)
                    .convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
            samples.intoArray(out, outAt);
            above = below;
        }
    }

    private static ShortVector across(byte[] plane, int at, int dx) {
        return SampleVectors.load(plane, at)
                .mul((short) (8 - dx))
                .add(SampleVectors.load(plane, at + 1).mul((short) dx));
    }

    /** Rows of four samples, which have 16 bits each of a {@code long}. */
    private static void chroma4(byte[] plane, int at, int stride, int dx, int dy, int h, byte[] out, int outAt) {
        long above = fourAcross(plane, at, dx);
        for (int row = 1; row <= h; row++, outAt += 8) {
            long below = fourAcross(plane, at + row * stride, dx);
            FourSamples.store(
                    (above * (8 - dy) + below * dy + 0x0020002000200020L >>> 6) & 0x00FF00FF00FF00FFL, out, outAt);
            above = below;
        }
    }

    private static long fourAcross(byte[] plane, int at, int dx) {
        return FourSamples.load(plane, at) * (8 - dx) + FourSamples.load(plane, at + 1) * dx;
    }

    /**
     * Blends two predictions in place (8.4.2.3): {@code a = (a (64 - weight) + b weight + 32) >> 6}.
     *
     * @param at     of the first sample in both
     * @param stride distance of rows in both
     * @param w      4, 8 or 16
     */
    static void blend(byte[] a, byte[] b, int at, int stride, int w, int h, int weight) {
        int first = 64 - weight;
        for (int row = 0; row < h; row++) {
            int i = at + row * stride;
            if (w < LANES) {
                if (weight == 32) FourSamples.mean(a, i, b, i, a, i);
                else
                    for (int x = i; x < i + w; x++)
                        a[x] = (byte) Math.clamp((a[x] & 0xFF) * first + (b[x] & 0xFF) * weight + 32 >> 6, 0, 255);
            } else if (weight == 32) {
                if (w == 16) SampleVectors.mean16(a, i, b, i, a, i);
                else SampleVectors.mean8(a, i, b, i, a, i);
            } else blend(a, b, i, w, weight);
        }
    }

    private static void blend(byte[] a, byte[] b, int at, int w, int weight) {
        for (int x = at; x < at + w; x += LANES) {
            ByteVector samples = (ByteVector) ByteVector.fromArray(SampleVectors.BYTES, a, x)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0)
                    .reinterpretAsShorts()
                    .mul((short) (64 - weight))
                    .add(ByteVector.fromArray(SampleVectors.BYTES, b, x)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, SampleVectors.SHORTS, 0)
                            .reinterpretAsShorts()
                            .mul((short) weight))
                    .add((short) 32)
                    .lanewise(VectorOperators.ASHR, 6)
                    .max((short) 0)
                    .min((short) 255)
                    .convertShape(VectorOperators.S2B, SampleVectors.BYTES, 0);
            samples.intoArray(a, x);
        }
    }
}
