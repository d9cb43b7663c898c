package wanvae.decode;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import wanvae.WanVae;

/**
 * How to decode. Immutable; start from {@link #DEFAULT} and change what matters. (There is no option for diffusers'
 * slicing: members of a batch are always decoded one by one, with the same result.)
 *
 * @param threads        threads the arithmetic runs on, the caller's included (default: the processors the JVM may use)
 * @param clamp          clamp samples to [-1, 1] where the reference does (default true)
 * @param allowNonfinite decode NaN and infinite latents instead of refusing them (default false)
 * @param listener       told of progress
 * @param cancelled      asked between blocks of work; true ends the decode with a {@link
 *                       java.util.concurrent.CancellationException}. Interrupting the decoding thread does the same
 * @param tiling         decode in blended tiles, as diffusers does after {@code enable_tiling}; null (the default)
 *                       decodes whole pictures. Qwen-Image's tiled output is never clamped, since the reference does
 *                       not
 * @param frameTiling    tiles in time, for HunyuanVideo; null (the default) is {@link FrameTiling#DEFAULT} there.
 *                       Families whose result does not depend on them (Wan, Qwen-Image) take {@link FrameTiling#OFF}
 *                       only
 * @param memory         bytes of resident memory, weights and the process itself included, that the decode should stay
 *                       within; 0 (the default): those of the machine or its container, which it never exceeds. A
 *                       smaller bound is met by plans that take longer, with the same result ({@link WanVae#plan}
 *                       tells). Transformed weights that earlier decodes by the same VAE left count; what others take
 *                       at the same time does not
 * @param temporary      directory for temporary files, which have no name and are gone when the decode ends (default:
 *                       {@code java.io.tmpdir}). Where it lies in memory itself (tmpfs), no files are made: what they
 *                       would hold counts as memory
 */
public record DecodeOptions(
        int threads,
        boolean clamp,
        boolean allowNonfinite,
        DecodeListener listener,
        BooleanSupplier cancelled,
        Tiling tiling,
        FrameTiling frameTiling,
        long memory,
        Path temporary) {
    public static final DecodeOptions DEFAULT = new DecodeOptions(
            Runtime.getRuntime().availableProcessors(),
            true,
            false,
            (done, total, work) -> {},
            () -> false,
            null,
            null,
            0,
            Path.of(System.getProperty("java.io.tmpdir")));

    public DecodeOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        if (memory < 0) throw new IllegalArgumentException("memory must not be negative, as " + memory + " is");
        Objects.requireNonNull(listener);
        Objects.requireNonNull(cancelled);
        Objects.requireNonNull(temporary);
    }

    public DecodeOptions withThreads(int threads) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withClamp(boolean clamp) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withAllowNonfinite(boolean allowNonfinite) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withListener(DecodeListener listener) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withCancelled(BooleanSupplier cancelled) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withTiling(Tiling tiling) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withFrameTiling(FrameTiling frameTiling) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withMemory(long memory) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }

    public DecodeOptions withTemporary(Path temporary) {
        return new DecodeOptions(
                threads, clamp, allowNonfinite, listener, cancelled, tiling, frameTiling, memory, temporary);
    }
}
