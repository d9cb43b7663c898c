package wanvae.video.source;

import wanvae.video.picture.Color;

/**
 * How to read frames. Immutable; start with {@link #DEFAULT} and change what matters.
 *
 * @param color          how the Y'CbCr of a file that does not tell was made (default {@link Color#AUTO})
 * @param allowNonfinite take frames with NaN or infinite values instead of refusing them (default false)
 */
public record SourceOptions(Color color, boolean allowNonfinite) {
    /** Every default above. */
    public static final SourceOptions DEFAULT = new SourceOptions(Color.AUTO, false);

    /** With a choice of the matrix. */
    public SourceOptions withColor(Color color) {
        return new SourceOptions(color, allowNonfinite);
    }

    /** With or without frames that are not finite. */
    public SourceOptions withAllowNonfinite(boolean allowNonfinite) {
        return new SourceOptions(color, allowNonfinite);
    }
}
