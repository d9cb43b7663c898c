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
        addBias(sums, count, pixel, bias.address(), residual == null ? 0 : residual.address(t) + offset, raw == null ? 0 : raw.address(t) + offset);
        if (activated != null) RmsNorm.apply(sums, activated.address(t) + offset, count, out.channels(), gamma.address(), silu);
    }

    private static void addBias(long sums, int count, long pixel, long bias, long residual, long raw) {
        long step = 4L * LANES;
        for (int p = 0; p < count; p++) {
            long s = sums + p * pixel;
            for (long c = 0; c < pixel; c += step) {
                FloatVector v = Simd.load(s + c).add(Simd.load(bias + c));
                if (residual != 0) v = v.add(Simd.load(residual + p * pixel + c));
                if (raw != 0) Simd.store(v, raw + p * pixel + c);
                Simd.store(v, s + c);
            }
        }
    }
}
