package wanvae.decode;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import wanvae.runtime.RunLimits;
import wanvae.workers.Workers;

/**
 * How to decode. Immutable; start from {@link #DEFAULT} and change what matters. (There is no option for diffusers'
 * slicing: members of a batch are always decoded one by one, with the same result.)
 *
 * @param threads            threads the arithmetic runs on, at least 1: the calling thread and others that the decode
 *                           starts and ends, or those of {@code workers} (default: the processors the JVM may use)
 * @param workers            the shared pool whose threads do the arithmetic (default: none); {@code threads} is its
 *                           size then
 * @param clamp              clamp samples to [-1, 1] where the reference does (default true). Qwen-Image's tiled output
 *                           is never clamped, since the reference does not
 * @param allowNonfinite     decode NaN and infinite latents, and hand out frames that are not finite, instead of
 *                           refusing them (default false)
 * @param listener           told of progress (default: none)
 * @param cancelled          asked whether to stop (default: never): between blocks of work, which take milliseconds,
 *                           and at least ten times a second while the decoder waits for a slow sink. True ends the
 *                           decode with a {@link java.util.concurrent.CancellationException}, and so does an interrupt
 *                           of the decoding thread. The sink's thread is interrupted then; a sink that ignores
 *                           interrupts delays the end until its call returns. Several threads may ask at once. What it
 *                           throws ends the decode and is thrown by it
 * @param tiling             whether pictures are decoded in blended tiles (default {@link Tiling#OFF})
 * @param frameTiling        whether clips are decoded in blended tiles in time (default {@link
 *                           FrameTiling#FAMILY_DEFAULT})
 * @param memoryLimitBytes   bytes of resident memory, weights and the process itself included, that the decode should
 *                           stay within (default: none but the memory of the machine or its container, which it never
 *                           exceeds). A smaller limit is met by plans that take longer, with the same result ({@link
 *                           DecodePlan} describes them). Transformed weights that earlier decodes by the same VAE left
 *                           count; what others take at the same time does not
 * @param temporaryDirectory directory for temporary files, which have no name and are gone when the decode ends
 *                           (default: {@code java.io.tmpdir}). Where it lies in memory itself (tmpfs), no files are
 *                           made: what they would hold counts as memory
 */
public record DecodeOptions(
        int threads,
        Optional<Workers> workers,
        boolean clamp,
        boolean allowNonfinite,
        DecodeListener listener,
        BooleanSupplier cancelled,
        Tiling tiling,
        FrameTiling frameTiling,
        OptionalLong memoryLimitBytes,
        Path temporaryDirectory) {
    /** Every default above. */
    public static final DecodeOptions DEFAULT = new DecodeOptions(
            Runtime.getRuntime().availableProcessors(),
            Optional.empty(),
            true,
            false,
            (done, total, work) -> {},
            () -> false,
            Tiling.OFF,
            FrameTiling.FAMILY_DEFAULT,
            OptionalLong.empty(),
            Path.of(System.getProperty("java.io.tmpdir")));

    /**
     * @throws IllegalArgumentException if there is no thread, {@code threads} is not the size of the pool, or the
     *         memory limit is negative
     * @throws NullPointerException if anything is null
     */
    public DecodeOptions {
        RunLimits.requireThreads(threads, workers.map(Workers::size));
        RunLimits.requireMemory(memoryLimitBytes);
        Objects.requireNonNull(listener);
        Objects.requireNonNull(cancelled);
        Objects.requireNonNull(tiling);
        Objects.requireNonNull(frameTiling);
        Objects.requireNonNull(temporaryDirectory);
    }

    /**
     * With threads of the decode's own, the calling one included, instead of a shared pool.
     *
     * @param threads at least 1
     */
    public DecodeOptions withThreads(int threads) {
        return changed(draft -> {
            draft.workers = Optional.empty();
            draft.threads = threads;
        });
    }

    /** With the threads of a pool, which stays the caller's. The calling thread then only waits. */
    public DecodeOptions withWorkers(Workers workers) {
        return changed(draft -> {
            draft.threads = workers.size();
            draft.workers = Optional.of(workers);
        });
    }

    /** With or without clamping samples to [-1, 1]. */
    public DecodeOptions withClamp(boolean clamp) {
        return changed(draft -> draft.clamp = clamp);
    }

    /** Accepting NaN and infinite values, or refusing them. */
    public DecodeOptions withAllowNonfinite(boolean allowNonfinite) {
        return changed(draft -> draft.allowNonfinite = allowNonfinite);
    }

    /** With a listener that is told of progress. */
    public DecodeOptions withListener(DecodeListener listener) {
        return changed(draft -> draft.listener = listener);
    }

    /** With a check that is asked whether to stop. */
    public DecodeOptions withCancelled(BooleanSupplier cancelled) {
        return changed(draft -> draft.cancelled = cancelled);
    }

    /** With or without blended tiles. */
    public DecodeOptions withTiling(Tiling tiling) {
        return changed(draft -> draft.tiling = tiling);
    }

    /** With or without blended tiles in time. */
    public DecodeOptions withFrameTiling(FrameTiling frameTiling) {
        return changed(draft -> draft.frameTiling = frameTiling);
    }

    /**
     * With a limit on resident memory.
     *
     * @param memoryLimitBytes bytes, weights and the process itself included; not negative
     */
    public DecodeOptions withMemoryLimitBytes(long memoryLimitBytes) {
        return changed(draft -> draft.memoryLimitBytes = OptionalLong.of(memoryLimitBytes));
    }

    /** With no limit on resident memory but the machine's. */
    public DecodeOptions withoutMemoryLimit() {
        return changed(draft -> draft.memoryLimitBytes = OptionalLong.empty());
    }

    /** With another directory for temporary files, which must exist. */
    public DecodeOptions withTemporaryDirectory(Path temporaryDirectory) {
        return changed(draft -> draft.temporaryDirectory = temporaryDirectory);
    }

    private DecodeOptions changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The options while one of them is changed. */
    private static final class Draft {
        int threads;
        Optional<Workers> workers;
        boolean clamp;
        boolean allowNonfinite;
        DecodeListener listener;
        BooleanSupplier cancelled;
        Tiling tiling;
        FrameTiling frameTiling;
        OptionalLong memoryLimitBytes;
        Path temporaryDirectory;

        Draft(DecodeOptions options) {
            threads = options.threads;
            workers = options.workers;
            clamp = options.clamp;
            allowNonfinite = options.allowNonfinite;
            listener = options.listener;
            cancelled = options.cancelled;
            tiling = options.tiling;
            frameTiling = options.frameTiling;
            memoryLimitBytes = options.memoryLimitBytes;
            temporaryDirectory = options.temporaryDirectory;
        }

        DecodeOptions options() {
            return new DecodeOptions(
                    threads,
                    workers,
                    clamp,
                    allowNonfinite,
                    listener,
                    cancelled,
                    tiling,
                    frameTiling,
                    memoryLimitBytes,
                    temporaryDirectory);
        }
    }
}
