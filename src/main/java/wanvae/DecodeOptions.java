package wanvae;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * How to decode. Immutable; start from {@link #DEFAULT} and change what matters.
 *
 * @param threads        threads the arithmetic runs on, the caller's included (default: the processors the JVM may use)
 * @param clamp          clamp samples to [-1, 1] where the reference does (default true)
 * @param allowNonfinite decode NaN and infinite latents instead of refusing them (default false)
 * @param listener       told of progress
 * @param cancelled      asked between blocks of work; true ends the decode with a {@link java.util.concurrent.CancellationException}.
 *                       Interrupting the decoding thread does the same
 */
public record DecodeOptions(int threads, boolean clamp, boolean allowNonfinite, DecodeListener listener, BooleanSupplier cancelled) {
    public static final DecodeOptions DEFAULT =
            new DecodeOptions(Runtime.getRuntime().availableProcessors(), true, false, (done, total, work) -> {}, () -> false);

    public DecodeOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        Objects.requireNonNull(listener);
        Objects.requireNonNull(cancelled);
    }

    public DecodeOptions withThreads(int threads) {
        return new DecodeOptions(threads, clamp, allowNonfinite, listener, cancelled);
    }

    public DecodeOptions withClamp(boolean clamp) {
        return new DecodeOptions(threads, clamp, allowNonfinite, listener, cancelled);
    }

    public DecodeOptions withAllowNonfinite(boolean allowNonfinite) {
        return new DecodeOptions(threads, clamp, allowNonfinite, listener, cancelled);
    }

    public DecodeOptions withListener(DecodeListener listener) {
        return new DecodeOptions(threads, clamp, allowNonfinite, listener, cancelled);
    }

    public DecodeOptions withCancelled(BooleanSupplier cancelled) {
        return new DecodeOptions(threads, clamp, allowNonfinite, listener, cancelled);
    }
}
