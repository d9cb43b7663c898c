package wanvae;

/**
 * How to open a VAE.
 *
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 * @param threads        threads that read the weights, the caller's included (default: the processors the JVM may use)
 * @param warmUp         have the arithmetic compiled meanwhile, once in a process: opening takes a second or two, and the first frame comes as much
 *                       earlier and more (default true)
 */
public record OpenOptions(boolean allowNonfinite, int threads, boolean warmUp) {
    public static final OpenOptions DEFAULT = new OpenOptions(false, Runtime.getRuntime().availableProcessors(), true);

    public OpenOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }

    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(allowNonfinite, threads, warmUp);
    }

    public OpenOptions withThreads(int threads) {
        return new OpenOptions(allowNonfinite, threads, warmUp);
    }

    public OpenOptions withWarmUp(boolean warmUp) {
        return new OpenOptions(allowNonfinite, threads, warmUp);
    }
}
