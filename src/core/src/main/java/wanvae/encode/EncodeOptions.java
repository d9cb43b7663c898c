package wanvae.encode;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import wanvae.decode.Tiling;
import wanvae.runtime.RunLimits;
import wanvae.workers.Workers;

/**
 * How to encode. Immutable; start from {@link #DEFAULT} and change what matters. (There is no option for diffusers'
 * slicing: members of a batch are always encoded one by one, with the same result.)
 *
 * @param threads            threads the arithmetic runs on, at least 1: the calling thread and others that the encode
 *                           starts and ends, or those of {@code workers} (default: the processors the JVM may use)
 * @param workers            the shared pool whose threads do the arithmetic (default: none); {@code threads} is its
 *                           size then
 * @param allowNonfinite     encode NaN and infinite pixels, and hand out latents that are not finite, instead of
 *                           refusing them (default false)
 * @param listener           told of progress (default: none)
 * @param cancelled          asked whether to stop (default: never) between blocks of work, which take milliseconds.
 *                           True ends the encode with a {@link java.util.concurrent.CancellationException}, and so does
 *                           an interrupt of the encoding thread. Several threads may ask at once. What it throws ends
 *                           the encode and is thrown by it
 * @param posterior          what becomes of the distribution that the encoder gives (default {@link Posterior#MODE})
 * @param normalized         normalise latents as diffusion models take them, {@code (z - mean) / std} (default true);
 *                           moments never are
 * @param tiling             whether pictures are encoded in blended tiles (default {@link Tiling#OFF}). Sizes are those
 *                           that diffusers' {@code enable_tiling} takes: pixels, or for Wan 2.2 patches of 2x2 pixels
 * @param memoryLimitBytes   bytes of resident memory, weights and the process itself included, that the encode should
 *                           stay within (default: none but the memory of the machine or its container, which it never
 *                           exceeds). A smaller limit is met by plans that take longer, with the same result ({@link
 *                           EncodePlan} describes them). Transformed weights that earlier encodes by the same VAE left
 *                           count; what others take at the same time does not
 * @param temporaryDirectory directory for temporary files, which have no name and are gone when the encode ends
 *                           (default: {@code java.io.tmpdir}). Where it lies in memory itself (tmpfs), no files are
 *                           made: what they would hold counts as memory
 */
public record EncodeOptions(
        int threads,
        Optional<Workers> workers,
        boolean allowNonfinite,
        EncodeListener listener,
        BooleanSupplier cancelled,
        Posterior posterior,
        boolean normalized,
        Tiling tiling,
        OptionalLong memoryLimitBytes,
        Path temporaryDirectory) {
    /** Every default above. */
    public static final EncodeOptions DEFAULT = new EncodeOptions(
            Runtime.getRuntime().availableProcessors(),
            Optional.empty(),
            false,
            (done, total, work) -> {},
            () -> false,
            Posterior.MODE,
            true,
            Tiling.OFF,
            OptionalLong.empty(),
            Path.of(System.getProperty("java.io.tmpdir")));

    /**
     * @throws IllegalArgumentException if there is no thread, {@code threads} is not the size of the pool, or the
     *         memory limit is negative
     * @throws NullPointerException if anything is null
     */
    public EncodeOptions {
        RunLimits.requireThreads(threads, workers.map(Workers::size));
        RunLimits.requireMemory(memoryLimitBytes);
        Objects.requireNonNull(listener);
        Objects.requireNonNull(cancelled);
        Objects.requireNonNull(posterior);
        Objects.requireNonNull(tiling);
        Objects.requireNonNull(temporaryDirectory);
    }

    /**
     * With threads of the encode's own, the calling one included, instead of a shared pool.
     *
     * @param threads at least 1
     */
    public EncodeOptions withThreads(int threads) {
        return changed(draft -> {
            draft.workers = Optional.empty();
            draft.threads = threads;
        });
    }

    /** With the threads of a pool, which stays the caller's. The calling thread then only waits. */
    public EncodeOptions withWorkers(Workers workers) {
        return changed(draft -> {
            draft.threads = workers.size();
            draft.workers = Optional.of(workers);
        });
    }

    /** Accepting NaN and infinite values, or refusing them. */
    public EncodeOptions withAllowNonfinite(boolean allowNonfinite) {
        return changed(draft -> draft.allowNonfinite = allowNonfinite);
    }

    /** With a listener that is told of progress. */
    public EncodeOptions withListener(EncodeListener listener) {
        return changed(draft -> draft.listener = listener);
    }

    /** With a check that is asked whether to stop. */
    public EncodeOptions withCancelled(BooleanSupplier cancelled) {
        return changed(draft -> draft.cancelled = cancelled);
    }

    /** With means, drawn latents or moments. */
    public EncodeOptions withPosterior(Posterior posterior) {
        return changed(draft -> draft.posterior = posterior);
    }

    /** With latents as diffusion models take them, or as the encoder gives them. */
    public EncodeOptions withNormalized(boolean normalized) {
        return changed(draft -> draft.normalized = normalized);
    }

    /** With or without blended tiles. */
    public EncodeOptions withTiling(Tiling tiling) {
        return changed(draft -> draft.tiling = tiling);
    }

    /**
     * With a limit on resident memory.
     *
     * @param memoryLimitBytes bytes, weights and the process itself included; not negative
     */
    public EncodeOptions withMemoryLimitBytes(long memoryLimitBytes) {
        return changed(draft -> draft.memoryLimitBytes = OptionalLong.of(memoryLimitBytes));
    }

    /** With no limit on resident memory but the machine's. */
    public EncodeOptions withoutMemoryLimit() {
        return changed(draft -> draft.memoryLimitBytes = OptionalLong.empty());
    }

    /** With another directory for temporary files, which must exist. */
    public EncodeOptions withTemporaryDirectory(Path temporaryDirectory) {
        return changed(draft -> draft.temporaryDirectory = temporaryDirectory);
    }

    private EncodeOptions changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The options while one of them is changed. */
    private static final class Draft {
        int threads;
        Optional<Workers> workers;
        boolean allowNonfinite;
        EncodeListener listener;
        BooleanSupplier cancelled;
        Posterior posterior;
        boolean normalized;
        Tiling tiling;
        OptionalLong memoryLimitBytes;
        Path temporaryDirectory;

        Draft(EncodeOptions options) {
            threads = options.threads;
            workers = options.workers;
            allowNonfinite = options.allowNonfinite;
            listener = options.listener;
            cancelled = options.cancelled;
            posterior = options.posterior;
            normalized = options.normalized;
            tiling = options.tiling;
            memoryLimitBytes = options.memoryLimitBytes;
            temporaryDirectory = options.temporaryDirectory;
        }

        EncodeOptions options() {
            return new EncodeOptions(
                    threads,
                    workers,
                    allowNonfinite,
                    listener,
                    cancelled,
                    posterior,
                    normalized,
                    tiling,
                    memoryLimitBytes,
                    temporaryDirectory);
        }
    }
}
