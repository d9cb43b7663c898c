package wanvae.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import wanvae.tensorfile.FormatException;
import wanvae.video.picture.Color;
import wanvae.video.source.FrameAxes;
import wanvae.video.source.SourceOptions;
import wanvae.video.source.UntoldException;
import wanvae.video.source.ValueRange;

/** The options that say how to interpret the frames that are read. */
final class FrameFlags {
    @Option(
            names = "--range",
            paramLabel = "0..1|0..255|-1..1",
            converter = RangeArgument.class,
            description =
                    "Which values of float frames are black and white (default: 0..1, in a raw sample -1..1; values far beyond are refused).")
    private ValueRange range;

    @Option(
            names = "--axes",
            paramLabel = "ORDER",
            converter = AxesArgument.class,
            description =
                    "Order of a tensor's axes in the letters b, f, c, h and w, like fhwc, fchw, bcfhw or fhw (default: from its shape).")
    private FrameAxes axes;

    @Option(
            names = "--key",
            paramLabel = "NAME",
            description = "Which tensor of a file (default: 'sample', 'frames' or the like, else the only one).")
    private String key;

    @Option(
            names = "--allow-nonfinite",
            description = "Take NaN and infinite values instead of refusing them (NaN becomes 0 in 8-bit outputs).")
    private boolean allowNonfinite;

    /**
     * These options for a source.
     *
     * @param color how the frames' Y'CbCr was made, if they have it
     */
    SourceOptions options(Color color) {
        SourceOptions options = SourceOptions.DEFAULT.withColor(color).withAllowNonfinite(allowNonfinite);
        if (range != null) options = options.withRange(range);
        if (axes != null) options = options.withAxes(axes);
        return key == null ? options : options.withKey(key);
    }

    /** The same refusal, which also names the option that resolves it. */
    static FormatException told(UntoldException e) {
        String flag = switch (e.choice()) {
            case KEY -> "--key ";
            case AXES -> "--axes ";
            case RANGE -> "--range ";
        };
        return new FormatException(e.getMessage() + " (" + flag + e.likely() + ")", e);
    }

    private static final class RangeArgument implements ITypeConverter<ValueRange> {
        @Override
        public ValueRange convert(String text) {
            try {
                return ValueRange.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class AxesArgument implements ITypeConverter<FrameAxes> {
        @Override
        public FrameAxes convert(String text) {
            try {
                return new FrameAxes(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
