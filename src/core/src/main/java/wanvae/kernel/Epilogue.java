package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * What happens to a convolution's result while it is still in cache: {@code y = sum + bias (+ residual)} goes to {@code
 * raw} and {@code act(y)} to {@code activated}, where act is the model's normalisation. Both outputs are optional; the
 * residual may be the same frames as {@code raw}. A norm that needs to know the whole tensor is applied by whoever
 * reads it: here only its {@code moments} are gathered.
 *
 * @param bias      padded(C) floats, zeros beyond C
 * @param residual  added where not null
 * @param raw       where y goes, or null
 * @param gamma     padded(C) floats: weight of the RMS norm {@code y / max(‖y‖₂, 1e-12) · √C · γ}, zeros beyond C; null
 *                  where nothing is activated
 * @param silu      whether SiLU follows the norm
 * @param activated where the normalised (and SiLU'd) y goes, or null
 * @param moments   gathered of y where not null; then {@code raw} is wanted, and the whole picture
 * @param window    the pixels that are computed; residual and outputs have them all
 */
public record Epilogue(
        MemorySegment bias,
        Frames residual,
        Frames raw,
        MemorySegment gamma,
        boolean silu,
        Frames activated,
        GroupMoments moments,
        Window window) {
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
    }

    /** For all pixels of the outputs. */
    public Epilogue(
            MemorySegment bias, Frames residual, Frames raw, MemorySegment gamma, boolean silu, Frames activated) {
        this(bias, residual, raw, gamma, silu, activated, (raw != null ? raw : activated).window());
    }

    /** Without moments. */
    public Epilogue(
            MemorySegment bias,
            Frames residual,
            Frames raw,
            MemorySegment gamma,
            boolean silu,
            Frames activated,
            Window window) {
        this(bias, residual, raw, gamma, silu, activated, null, window);
    }

    /** {@code sum + bias (+ residual)} into {@code out}, with its moments if there is a place for them. */
    public static Epilogue gathering(MemorySegment bias, Frames residual, Frames out, GroupMoments moments) {
        return new Epilogue(bias, residual, out, null, false, null, moments, out.window());
    }

    /** {@code sum + bias} into {@code out}. */
    public static Epilogue plain(MemorySegment bias, Frames out) {
        return new Epilogue(bias, null, out, null, false, null);
    }

    /** The same for some of the pixels. */
    public Epilogue within(Window window) {
        return new Epilogue(bias, residual, raw, gamma, silu, activated, moments, window);
    }

    /** Any of the outputs: they have the same count and channels. */
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
        long before = residual == null ? 0 : residual.address(t) + residual.offset(y, x),
                asItIs = raw == null ? 0 : raw.address(t) + raw.offset(y, x);
        long act = activated == null ? 0 : activated.address(t) + activated.offset(y, x);
        // Where y is wanted nowhere else it is only written over the sums.
        long target = asItIs == 0 ? sums : asItIs;
        // Until a pixel's norm is its turn, its squared length stands where its result will: no pixel waits for the
        // root of the one before.
        for (long p = 0, end = (long) count * pixel; p < end; p += pixel) {
            float squares = before == 0
                    ? addBias(sums + p, pixel, bias.address(), target + p)
                    : addBias(sums + p, pixel, bias.address(), before + p, target + p);
            if (act != 0) Simd.set(act + p, squares);
        }
        if (act != 0)
            RmsNorm.apply(target, act, count, pixel, (float) Math.sqrt(out().channels()), gamma.address(), silu);
        if (moments != null) moments.row(asItIs, t, y, x, count);
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
