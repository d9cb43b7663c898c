package wanvae.kernel;

import static wanvae.kernel.Simd.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * What happens to a convolution's result while it is still in cache: {@code y = sum + bias (+ residual)} goes to {@code raw} and
 * {@code act(y)} to {@code activated}, where act is the model's normalisation. Both outputs are optional; the residual may be the same frames as {@code raw}.
 *
 * @param bias      padded(C) floats, zeros beyond C
 * @param residual  added where not null
 * @param raw       where y goes, or null
 * @param gamma     padded(C) floats: weight of the RMS norm {@code y / max(‖y‖₂, 1e-12) · √C · γ}, zeros beyond C; null where nothing is activated
 * @param silu      whether SiLU follows the norm
 * @param activated where the normalised (and SiLU'd) y goes, or null
 */
public record Epilogue(MemorySegment bias, Frames residual, Frames raw, MemorySegment gamma, boolean silu, Frames activated) {

    /** {@code sum + bias} into {@code out}. */
    public static Epilogue plain(MemorySegment bias, Frames out) {
        return new Epilogue(bias, null, out, null, false, null);
    }

    /** Any of the outputs: they have the same shape. */
    Frames out() {
        return raw != null ? raw : activated;
    }

    /**
     * Finishes {@code count} pixels of frame t, row y, from x on.
     *
     * @param sums {@code [count][padded(C)]} floats, overwritten
     */
    void row(long sums, int t, int y, int x, int count) {
        Frames out = out();
        long pixel = 4L * out.stride();
        long offset = ((long) y * out.width() + x) * pixel;
        long before = residual == null ? 0 : residual.address(t) + offset, asItIs = raw == null ? 0 : raw.address(t) + offset;
        for (int p = 0; p < count; p++, sums += pixel, offset += pixel) {
            // Where y is wanted nowhere else it is only written over the sums.
            long target = asItIs == 0 ? sums : asItIs + p * pixel;
            float squares = before == 0 ? addBias(sums, pixel, bias.address(), target) : addBias(sums, pixel, bias.address(), before + p * pixel, target);
            if (activated != null) RmsNorm.pixel(target, activated.address(t) + offset, pixel, out.channels(), squares, gamma.address(), silu);
        }
    }

    /** {@code y = sum + bias}; returns ‖y‖². */
    private static float addBias(long sums, long pixel, long bias, long target) {
        FloatVector squares = FloatVector.zero(Simd.SPECIES);
        for (long c = 0; c < pixel; c += 4L * LANES) {
            FloatVector v = Simd.load(sums + c).add(Simd.load(bias + c));
            Simd.store(v, target + c);
            squares = v.fma(v, squares);
        }
        return Simd.sum(squares);
    }

    /** {@code y = sum + bias + residual}; returns ‖y‖². */
    private static float addBias(long sums, long pixel, long bias, long residual, long target) {
        FloatVector squares = FloatVector.zero(Simd.SPECIES);
        for (long c = 0; c < pixel; c += 4L * LANES) {
            FloatVector v = Simd.load(sums + c).add(Simd.load(bias + c)).add(Simd.load(residual + c));
            Simd.store(v, target + c);
            squares = v.fma(v, squares);
        }
        return Simd.sum(squares);
    }
}
