package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * What happens to a convolution's result while it is still in cache: {@code y = sum + bias (+ residual)} goes to {@code
 * raw} and its activation to {@code activated}. Both outputs are optional; the residual may be the same frames as
 * {@code raw}. A norm that depends on the whole tensor is applied by the next layer as it reads it; here only its
 * {@code moments} are gathered.
 *
 * @param bias       padded(C) floats, zeros beyond C; all zeros where the convolution has none
 * @param residual   added where not null
 * @param raw        where y goes, or null
 * @param activation applied to y for {@code activated}; null where that is null
 * @param activated  where the activated y goes, or null
 * @param moments    gathered from y where not null; {@code raw} must be there then, and the window be the whole picture
 * @param window     the pixels that are computed; residual and outputs contain them
 */
public record Epilogue(
        MemorySegment bias,
        Frames residual,
        Frames raw,
        Activation activation,
        Frames activated,
        GroupMoments moments,
        Window window) {
    private static final int VECTOR = 4 * LANES;

    public Epilogue {
        for (Frames frames : new Frames[] {residual, raw, activated})
            if (frames != null && !frames.window().contains(window))
                throw new IllegalArgumentException(window + " is not within " + frames.window());
        if (moments != null
                && (raw == null
                        || !moments.fits(raw)
                        || window.pictureHeight() != window.height()
                        || window.pictureWidth() != window.width()))
            throw new IllegalArgumentException("moments of another shape than the result's");
        if ((activated == null) != (activation == null))
            throw new IllegalArgumentException("an activation without a place for it, or a place without one");
    }

    /** An epilogue for all pixels of the outputs. */
    public Epilogue(
            MemorySegment bias, Frames residual, Frames raw, MemorySegment gamma, boolean silu, Frames activated) {
        this(bias, residual, raw, gamma, silu, activated, (raw != null ? raw : activated).window());
    }

    /** With an RMS norm as activation, and without moments. */
    public Epilogue(
            MemorySegment bias,
            Frames residual,
            Frames raw,
            MemorySegment gamma,
            boolean silu,
            Frames activated,
            Window window) {
        this(bias, residual, raw, activated == null ? null : new Activation.Norm(gamma, silu), activated, null, window);
    }

    /** {@code sum + bias (+ residual)} into {@code out}, with its moments if there is a place for them. */
    public static Epilogue gathering(MemorySegment bias, Frames residual, Frames out, GroupMoments moments) {
        return new Epilogue(bias, residual, out, null, null, moments, out.window());
    }

    /** {@code sum + bias} into {@code out}. */
    public static Epilogue plain(MemorySegment bias, Frames out) {
        return new Epilogue(bias, null, out, null, false, null);
    }

    /** {@code max(sum + bias (+ residual), 0)} into {@code out}. */
    public static Epilogue relu(MemorySegment bias, Frames residual, Frames out) {
        return relu(bias, residual, out, out.window());
    }

    /** The same for a part of the pixels; the residual needs to hold only these. */
    public static Epilogue relu(MemorySegment bias, Frames residual, Frames out, Window window) {
        return new Epilogue(bias, residual, null, new Activation.Relu(), out, null, window);
    }

    /** The same epilogue for a part of the pixels. */
    public Epilogue within(Window window) {
        return new Epilogue(bias, residual, raw, activation, activated, moments, window);
    }

    /** One of the outputs; both have the same number of frames and of channels. */
    public Frames out() {
        return raw != null ? raw : activated;
    }

    /**
     * Finishes {@code count} pixels of frame t, row y of the picture, from column x on.
     *
     * @param sums {@code [count][padded(C)]} floats, overwritten
     */
    public void row(long sums, int t, int y, int x, int count) {
        int pixel = 4 * out().stride();
        long residualRow = residual == null ? 0 : residual.address(t) + residual.offset(y, x),
                rawRow = raw == null ? 0 : raw.address(t) + raw.offset(y, x);
        long activatedRow = activated == null ? 0 : activated.address(t) + activated.offset(y, x);
        if (activatedRow != 0 && activation instanceof Activation.Relu) {
            if (residualRow == 0) relu(sums, count, pixel, bias.address(), rawRow, activatedRow);
            else relu(sums, count, pixel, bias.address(), residualRow, rawRow, activatedRow);
        } else if (activatedRow != 0) normalise(sums, count, pixel, residualRow, rawRow, activatedRow);
        else if (residualRow == 0) add(sums, count, pixel, bias.address(), rawRow);
        else add(sums, count, pixel, bias.address(), residualRow, rawRow);
        if (moments != null) moments.row(rawRow, t, y, x, count);
    }

    private void normalise(long sums, int count, int pixel, long residualRow, long rawRow, long activatedRow) {
        // Where y is needed for its activation only, it overwrites the sums.
        long target = rawRow == 0 ? sums : rawRow;
        // A pixel's squared length is kept in the place of its result until the norm is applied, so that no pixel
        // waits for the root of the one before.
        for (long p = 0, end = (long) count * pixel; p < end; p += pixel) {
            float squares = residualRow == 0
                    ? addBias(sums + p, pixel, bias.address(), target + p)
                    : addBias(sums + p, pixel, bias.address(), residualRow + p, target + p);
            Simd.set(activatedRow + p, squares);
        }
        Activation.Norm norm = (Activation.Norm) activation;
        RmsNorm.apply(
                target,
                activatedRow,
                count,
                pixel,
                (float) Math.sqrt(out().channels()),
                norm.gamma().address(),
                norm.silu());
    }

    /** {@code y = sum + bias} of {@code count} pixels. */
    static void add(long sums, int count, int pixel, long bias, long target) {
        for (int c = 0; c < pixel; c += 4 * LANES) {
            FloatVector b = Simd.load(bias + c);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel)
                Simd.store(Simd.load(sums + p).add(b), target + p);
        }
    }

    /** {@code y = sum + bias + residual} of {@code count} pixels. */
    static void add(long sums, int count, int pixel, long bias, long residual, long target) {
        for (int c = 0; c < pixel; c += 4 * LANES) {
            FloatVector b = Simd.load(bias + c);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel)
                Simd.store(Simd.load(sums + p).add(b).add(Simd.load(residual + p)), target + p);
        }
    }

    /** Stores {@code y = sum + bias} where {@code raw} is not 0, and {@code max(y, 0)}, of {@code count} pixels. */
    static void relu(long sums, int count, int pixel, long bias, long raw, long activated) {
        int c = 0;
        for (; c + 4 * VECTOR <= pixel; c += 4 * VECTOR) {
            FloatVector b0 = Simd.load(bias + c);
            FloatVector b1 = Simd.load(bias + c + VECTOR);
            FloatVector b2 = Simd.load(bias + c + 2 * VECTOR);
            FloatVector b3 = Simd.load(bias + c + 3 * VECTOR);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel) {
                FloatVector v0 = Simd.load(sums + p).add(b0);
                FloatVector v1 = Simd.load(sums + p + VECTOR).add(b1);
                FloatVector v2 = Simd.load(sums + p + 2 * VECTOR).add(b2);
                FloatVector v3 = Simd.load(sums + p + 3 * VECTOR).add(b3);
                if (raw != 0) {
                    Simd.store(v0, raw + p);
                    Simd.store(v1, raw + p + VECTOR);
                    Simd.store(v2, raw + p + 2 * VECTOR);
                    Simd.store(v3, raw + p + 3 * VECTOR);
                }
                Simd.store(v0.blend(0, v0.lt(0)), activated + p);
                Simd.store(v1.blend(0, v1.lt(0)), activated + p + VECTOR);
                Simd.store(v2.blend(0, v2.lt(0)), activated + p + 2 * VECTOR);
                Simd.store(v3.blend(0, v3.lt(0)), activated + p + 3 * VECTOR);
            }
        }
        for (; c < pixel; c += VECTOR) {
            FloatVector b = Simd.load(bias + c);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel) {
                FloatVector v = Simd.load(sums + p).add(b);
                if (raw != 0) Simd.store(v, raw + p);
                Simd.store(v.blend(0, v.lt(0)), activated + p);
            }
        }
    }

    /**
     * Stores {@code y = sum + bias + residual} where {@code raw} is not 0, and {@code max(y, 0)}, of {@code count}
     * pixels.
     */
    static void relu(long sums, int count, int pixel, long bias, long residual, long raw, long activated) {
        int c = 0;
        for (; c + 4 * VECTOR <= pixel; c += 4 * VECTOR) {
            FloatVector b0 = Simd.load(bias + c);
            FloatVector b1 = Simd.load(bias + c + VECTOR);
            FloatVector b2 = Simd.load(bias + c + 2 * VECTOR);
            FloatVector b3 = Simd.load(bias + c + 3 * VECTOR);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel) {
                FloatVector v0 = Simd.load(sums + p).add(b0).add(Simd.load(residual + p));
                FloatVector v1 = Simd.load(sums + p + VECTOR).add(b1).add(Simd.load(residual + p + VECTOR));
                FloatVector v2 = Simd.load(sums + p + 2 * VECTOR).add(b2).add(Simd.load(residual + p + 2 * VECTOR));
                FloatVector v3 = Simd.load(sums + p + 3 * VECTOR).add(b3).add(Simd.load(residual + p + 3 * VECTOR));
                if (raw != 0) {
                    Simd.store(v0, raw + p);
                    Simd.store(v1, raw + p + VECTOR);
                    Simd.store(v2, raw + p + 2 * VECTOR);
                    Simd.store(v3, raw + p + 3 * VECTOR);
                }
                Simd.store(v0.blend(0, v0.lt(0)), activated + p);
                Simd.store(v1.blend(0, v1.lt(0)), activated + p + VECTOR);
                Simd.store(v2.blend(0, v2.lt(0)), activated + p + 2 * VECTOR);
                Simd.store(v3.blend(0, v3.lt(0)), activated + p + 3 * VECTOR);
            }
        }
        for (; c < pixel; c += VECTOR) {
            FloatVector b = Simd.load(bias + c);
            for (long p = c, end = (long) count * pixel; p < end; p += pixel) {
                FloatVector v = Simd.load(sums + p).add(b).add(Simd.load(residual + p));
                if (raw != 0) Simd.store(v, raw + p);
                Simd.store(v.blend(0, v.lt(0)), activated + p);
            }
        }
    }

    /** {@code y = sum + bias}; returns ‖y‖². */
    static float addBias(long sums, int pixel, long bias, long target) {
        FloatVector squares = FloatVector.zero(Simd.SPECIES);
        for (int c = 0; c < pixel; c += 4 * LANES) {
            FloatVector v = Simd.load(sums + c).add(Simd.load(bias + c));
            Simd.store(v, target + c);
            squares = v.fma(v, squares);
        }
        return Simd.sum(squares);
    }

    /** {@code y = sum + bias + residual}; returns ‖y‖². */
    static float addBias(long sums, int pixel, long bias, long residual, long target) {
        FloatVector squares = FloatVector.zero(Simd.SPECIES);
        for (int c = 0; c < pixel; c += 4 * LANES) {
            FloatVector v = Simd.load(sums + c).add(Simd.load(bias + c)).add(Simd.load(residual + c));
            Simd.store(v, target + c);
            squares = v.fma(v, squares);
        }
        return Simd.sum(squares);
    }
}
