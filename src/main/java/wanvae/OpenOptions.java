package wanvae;

/**
 * How to open a VAE.
 *
 * @param allowNonfinite accept NaN and infinite weights instead of refusing them (default false)
 * @param keepMemory     keep the memory of an undivided decode for the next one until the VAE is closed, instead of giving it back to the system (default
 *                       false): for those who decode again and again, to whom it saves clearing it each time. Decodes with a bound on memory free it first
 */
public record OpenOptions(boolean allowNonfinite, boolean keepMemory) {
    public static final OpenOptions DEFAULT = new OpenOptions(false, false);

    public OpenOptions withAllowNonfinite(boolean allowNonfinite) {
        return new OpenOptions(allowNonfinite, keepMemory);
    }

    public OpenOptions withKeepMemory(boolean keepMemory) {
        return new OpenOptions(allowNonfinite, keepMemory);
    }
}
