package wanvae.video.source;

import java.util.Optional;
import wanvae.video.picture.Color;

/**
 * How to read frames. Immutable; start with {@link #DEFAULT} and change what matters.
 *
 * @param color          how the Y'CbCr of a file that does not say was made (default {@link Color#AUTO})
 * @param allowNonfinite take frames with NaN or infinite values instead of refusing them (default false)
 * @param key            the tensor to read (default: {@code sample}, {@code frames} or the like, else the only one)
 * @param axes           the order of a tensor's axes (default: derived from its shape)
 * @param range          which float values are black and white (default: 0 and 1, in a raw sample -1 and 1; values far
 *                       beyond are refused)
 */
public record SourceOptions(
        Color color,
        boolean allowNonfinite,
        Optional<String> key,
        Optional<FrameAxes> axes,
        Optional<ValueRange> range) {
    /** Every default above. */
    public static final SourceOptions DEFAULT =
            new SourceOptions(Color.AUTO, false, Optional.empty(), Optional.empty(), Optional.empty());

    /** With a choice of the matrix for files that do not name one. */
    public SourceOptions withColor(Color color) {
        return new SourceOptions(color, allowNonfinite, key, axes, range);
    }

    /** With or without frames that are not finite. */
    public SourceOptions withAllowNonfinite(boolean allowNonfinite) {
        return new SourceOptions(color, allowNonfinite, key, axes, range);
    }

    /** With the name of a tensor. */
    public SourceOptions withKey(String key) {
        return new SourceOptions(color, allowNonfinite, Optional.of(key), axes, range);
    }

    /** With an order of axes. */
    public SourceOptions withAxes(FrameAxes axes) {
        return new SourceOptions(color, allowNonfinite, key, Optional.of(axes), range);
    }

    /** With a range of values. */
    public SourceOptions withRange(ValueRange range) {
        return new SourceOptions(color, allowNonfinite, key, axes, Optional.of(range));
    }
}
