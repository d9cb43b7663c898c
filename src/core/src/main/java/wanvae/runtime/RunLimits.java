package wanvae.runtime;

import java.util.Optional;
import java.util.OptionalLong;

/** Checks the limits that the options of decodes, encodes and openings share. */
public final class RunLimits {
    private RunLimits() {}

    /**
     * @param pool the size of the shared pool whose threads these are
     * @throws IllegalArgumentException if there is no thread, or {@code threads} is not the size of the pool
     */
    public static void requireThreads(int threads, Optional<Integer> pool) {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        if (pool.isPresent() && pool.get() != threads)
            throw new IllegalArgumentException(
                    "a pool of " + pool.get() + " workers makes that many threads, not " + threads);
    }

    /** @throws IllegalArgumentException if the limit is negative */
    public static void requireMemory(OptionalLong limitBytes) {
        if (limitBytes.isPresent() && limitBytes.getAsLong() < 0)
            throw new IllegalArgumentException(
                    "a memory limit must not be negative, as " + limitBytes.getAsLong() + " is");
    }
}
