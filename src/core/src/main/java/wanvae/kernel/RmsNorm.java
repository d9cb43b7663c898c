package wanvae.kernel;

import static wanvae.kernel.Simd.ALL;
import static wanvae.kernel.Simd.FLOAT;
import static wanvae.kernel.Simd.LANES;
import static wanvae.kernel.Simd.MASK;
import static wanvae.kernel.Simd.ORDER;
import static wanvae.kernel.Simd.SPECIES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import wanvae.runtime.Team;

/**
 * RMS norm over the channels of each pixel, {@code x / max(‖x‖₂, 1e-12) · √C · γ} (diffusers' WanRMS_norm), optionally
 * followed by SiLU.
 */
public final class RmsNorm {
    private RmsNorm() {}

    /**
     * Normalises frames by themselves. The results are bit for bit those of an {@link Epilogue}.
     *
     * @param in    frames of {@code [H][W][C]}
     * @param gamma γ, padded(C) floats, zeros beyond C
     * @param silu  whether SiLU follows
     * @param out   other frames of the same window
     */
    public static void run(Team team, Frames in, MemorySegment gamma, boolean silu, Frames out) {
        if (!in.window().equals(out.window()) || in.channels() != out.channels() || in.count() != out.count())
            throw new IllegalArgumentException("a norm cannot take " + in.count() + " frames of " + in.window() + " to "
                    + out.count() + " of " + out.window());
        int pixel = 4 * in.stride();
        float root = (float) Math.sqrt(in.channels());
        team.run(in.count() * in.height(), (task, worker) -> {
            long row = task % in.height() * in.rowBytes(),
                    source = in.address(task / in.height()) + row,
                    target = out.address(task / in.height()) + row;
            for (long p = 0; p < in.rowBytes(); p += pixel) Simd.set(target + p, squares(source + p, pixel));
            apply(source, target, in.width(), pixel, root, gamma.address(), silu);
        });
    }

    /** ‖x‖₂² of a pixel. */
    private static float squares(long source, int pixel) {
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int c = 0; c < pixel; c += 4 * LANES) {
            FloatVector v = Simd.load(source + c);
            squares = v.fma(v, squares);
        }
        return Simd.sum(squares);
    }

    /**
     * Normalises {@code count} pixels of {@code [padded(C)]} floats.
     *
     * @param source zeros beyond C, as in γ
     * @param target other memory than the source; holds each pixel's ‖x‖₂² in the place of its first channel
     * @param pixel  bytes of a pixel
     * @param root   √C
     * @param gamma  γ
     * @param silu   whether SiLU follows
     */
    static void apply(long source, long target, int count, int pixel, float root, long gamma, boolean silu) {
        if (silu) normSilu(source, target, count, pixel, root, gamma);
        else norm(source, target, count, pixel, root, gamma);
    }

    private static void norm(long source, long target, int count, int pixel, float root, long gamma) {
        for (int p = 0; p < count; p++, source += pixel, target += pixel) {
            float scale = root / Math.max((float) Math.sqrt(Simd.get(target)), 1e-12f);
            for (int c = 0; c < pixel; c += 4 * LANES)
                Simd.store(Simd.load(source + c).mul(scale).mul(Simd.load(gamma + c)), target + c);
        }
    }

    /**
     * As {@link #apply} with SiLU. {@link Silu} and {@link Exp} are written out here: with calls, C2 inlines this into
     * its caller, stops half-way there, and boxes the vectors.
     */
    private static void normSilu(long source, long target, int count, int pixel, float root, long gamma) {
        for (int p = 0; p < count; p++, source += pixel, target += pixel) {
            float scale = root / Math.max((float) Math.sqrt(ALL.get(FLOAT, target & MASK)), 1e-12f);
            for (int c = 0; c < pixel; c += 4 * LANES) {
                FloatVector y = FloatVector.fromMemorySegment(SPECIES, ALL, (source + c) & MASK, ORDER)
                        .mul(FloatVector.broadcast(SPECIES, scale))
                        .mul(FloatVector.fromMemorySegment(SPECIES, ALL, (gamma + c) & MASK, ORDER));
                IntVector bits = y.reinterpretAsInts();
                FloatVector x =
                        bits.and(~Exp.SIGN).min(Exp.MOST).or(bits.and(Exp.SIGN)).reinterpretAsFloats();
                FloatVector shifted =
                        x.fma(FloatVector.broadcast(SPECIES, -Exp.LOG2E), FloatVector.broadcast(SPECIES, Exp.ROUND));
                FloatVector t = x.fma(
                        FloatVector.broadcast(SPECIES, -Exp.LOG2E),
                        FloatVector.broadcast(SPECIES, Exp.ROUND).sub(shifted));
                t = x.fma(FloatVector.broadcast(SPECIES, -Exp.LOG2E_LOW), t);
                FloatVector e = t.fma(FloatVector.broadcast(SPECIES, Exp.P6), FloatVector.broadcast(SPECIES, Exp.P5));
                e = e.fma(t, FloatVector.broadcast(SPECIES, Exp.P4))
                        .fma(t, FloatVector.broadcast(SPECIES, Exp.P3))
                        .fma(t, FloatVector.broadcast(SPECIES, Exp.P2));
                e = e.fma(t, FloatVector.broadcast(SPECIES, Exp.P1)).fma(t, FloatVector.broadcast(SPECIES, 1f));
                e = e.reinterpretAsInts()
                        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                        .reinterpretAsFloats();
                y.div(e.add(FloatVector.broadcast(SPECIES, 1f))).intoMemorySegment(ALL, (target + c) & MASK, ORDER);
            }
        }
    }
}
