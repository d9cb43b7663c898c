package wanvae;

/**
 * How to open a VAE.
 *
 * @param threads        threads that prepare the weights (default: the processors the JVM may use)
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 */
public record OpenOptions(int threads, boolean allowNonfinite) {
    public static final OpenOptions DEFAULT = new OpenOptions(Runtime.getRuntime().availableProcessors(), false);

    public OpenOptions {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }

    public OpenOptions withThreads(int threads) {
        return new OpenOptions(threads, allowNonfinite);
    }

    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(threads, allowNonfinite);
    }
}
