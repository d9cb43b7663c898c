package wanvae;

/**
 * How to open a VAE.
 *
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 */
public record OpenOptions(boolean allowNonfinite) {
    public static final OpenOptions DEFAULT = new OpenOptions(false);

    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(allowNonfinite);
    }
}
