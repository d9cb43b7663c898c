package wanvae;

/**
 * How to open a VAE.
 *
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 * @param keepMemory     keep the memory of an undivided decode for the next one until the VAE is closed, instead of
 *                       giving it back to the system (default false), and the transformed weights of all layers if they
 *                       are not too many: for those who decode again and again, to whom it saves clearing and computing
 *                       them each time. Decodes with a bound on memory or in tiles free it first
 * @param threads        threads that read the weights, the caller's included (default: the processors the JVM may use)
 * @param warmUp         have the arithmetic compiled meanwhile, once in a process, by a thread that ends with that or
 *                       when this VAE is closed; the first decode waits for it, and its first frame comes seconds
 *                       earlier (default true)
 */
public record OpenOptions(boolean allowNonfinite, boolean keepMemory, int threads, boolean warmUp) {
    public static final OpenOptions DEFAULT =
            new OpenOptions(false, false, Runtime.getRuntime().availableProcessors(), true);

    public OpenOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }

    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, warmUp);
    }

    public OpenOptions withKeepMemory(boolean keepMemory) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, warmUp);
    }

    public OpenOptions withThreads(int threads) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, warmUp);
    }

    public OpenOptions withWarmUp(boolean warmUp) {
        return new OpenOptions(allowNonfinite, keepMemory, threads, warmUp);
    }
}
