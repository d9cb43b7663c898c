package wanvae.kernel;

import java.lang.foreign.MemorySegment;

/** What an {@link Epilogue} makes of a convolution's result for the layer that reads it next. */
public sealed interface Activation {
    /**
     * RMS norm over the channels of each pixel, {@code y / max(‖y‖₂, 1e-12) · √C · γ}, with or without {@link Silu}
     * behind it.
     *
     * @param gamma γ, padded(C) floats, zeros beyond C
     */
    record Norm(MemorySegment gamma, boolean silu) implements Activation {}

    /** {@code max(y, 0)}; NaN stays NaN. */
    record Relu() implements Activation {}
}
