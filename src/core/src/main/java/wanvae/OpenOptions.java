package wanvae;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.runtime.RunLimits;
import wanvae.workers.Workers;

/**
 * How to open a VAE. Immutable; start from {@link #DEFAULT} and change what matters.
 *
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 * @param keepMemory     keep the memory of an undivided decode for the next one until the VAE is closed, instead of
 *                       giving it back to the system (default false), and the transformed weights of all layers if they
 *                       are not too many. This saves clearing the memory and computing the weights again where one VAE
 *                       decodes many times. Decodes with a limit on memory or in tiles free what is kept first
 * @param threads        threads that read the weights, at least 1: the calling thread and others that end with the
 *                       opening, or those of {@code workers} (default: the processors the JVM may use)
 * @param workers        the shared pool whose threads read the weights (default: none); {@code threads} is its size
 *                       then. It has no part in decodes, which name their own
 * @param warmUp         compile the arithmetic while the weights are read, once in a process, on a thread that ends
 *                       when this is done or when the last VAE that wants it is closed; the first decode waits for it,
 *                       and its first frame comes seconds earlier (default true)
 * @param halves         the halves whose weights are read, at least one: the decoder (default), the encoder, or both
 * @param family         the published VAE that the weights are taken to be, where several have tensors of the same
 *                       names and shapes (default: the file's name decides). Weights that cannot be this VAE's are
 *                       refused
 */
public record OpenOptions(
        boolean allowNonfinite,
        boolean keepMemory,
        int threads,
        Optional<Workers> workers,
        boolean warmUp,
        Set<Half> halves,
        Optional<PublishedVae> family) {
    /** Every default above. */
    public static final OpenOptions DEFAULT = new OpenOptions(
            false,
            false,
            Runtime.getRuntime().availableProcessors(),
            Optional.empty(),
            true,
            Set.of(Half.DECODER),
            Optional.empty());

    /**
     * @throws IllegalArgumentException if there is no thread, {@code threads} is not the size of the pool, or there are
     *         no halves
     * @throws NullPointerException if anything is null
     */
    public OpenOptions {
        halves = Set.copyOf(halves);
        Objects.requireNonNull(family);
        if (halves.isEmpty()) throw new IllegalArgumentException("halves must name the decoder, the encoder, or both");
        RunLimits.requireThreads(threads, workers.map(Workers::size));
    }

    /** Accepting NaN and infinite weights, or refusing them. */
    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, workers, warmUp, halves, family);
    }

    /** Keeping the memory of decodes for the next ones, or giving it back. */
    public OpenOptions withKeepMemory(boolean keepMemory) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, workers, warmUp, halves, family);
    }

    /**
     * Reading weights with threads of its own, the calling one included, instead of a shared pool.
     *
     * @param threads at least 1
     */
    public OpenOptions withThreads(int threads) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, Optional.empty(), warmUp, halves, family);
    }

    /** Reading weights with the threads of a pool, which stays the caller's. The calling thread then only waits. */
    public OpenOptions withWorkers(Workers workers) {
        return new OpenOptions(
                allowNonfinite, keepMemory, workers.size(), Optional.of(workers), warmUp, halves, family);
    }

    /** Compiling the arithmetic while weights are read, or as it is first used. */
    public OpenOptions withWarmUp(boolean warmUp) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, workers, warmUp, halves, family);
    }

    /** With the weights of these halves: {@code withHalves(Half.ENCODER)} for one that only encodes. */
    public OpenOptions withHalves(Half... halves) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, workers, warmUp, Set.of(halves), family);
    }

    /**
     * For weights that are known to be this VAE's: {@code taew2_1}, {@code taehv} and {@code lighttaew2_1} look alike.
     */
    public OpenOptions withFamily(PublishedVae family) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, workers, warmUp, halves, Optional.of(family));
    }
}
