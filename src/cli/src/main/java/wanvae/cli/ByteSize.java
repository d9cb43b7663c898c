package wanvae.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes as users write it: {@code 3g}, {@code 512m}, {@code 1.5G}. Units are powers of 1024. */
public record ByteSize(long bytes) {
    private static final Pattern SYNTAX =
            Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)([kmgt])i?b?", Pattern.CASE_INSENSITIVE);

    /**
     * Parses such a number.
     *
     * @throws TypeConversionException if it is zero, or not a number with a unit
     */
    public static ByteSize parse(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches()) throw new TypeConversionException("'" + text + "' is not a size like 3g or 512m");
        double unit = Math.pow(1024, 1 + "kmgt".indexOf(parts.group(2).toLowerCase(Locale.ROOT)));
        long bytes = (long) (Double.parseDouble(parts.group(1)) * unit);
        if (bytes == 0) throw new TypeConversionException("'" + text + "' is nothing");
        return new ByteSize(bytes);
    }

    /** Formats a number of bytes for people, such as "740 MB" or "5.2 GB": rounded up, in powers of 1000. */
    public static String text(long bytes) {
        if (bytes < 1_000_000) return Math.ceilDiv(bytes, 1000) + " KB";
        if (bytes < 1_000_000_000) return Math.ceilDiv(bytes, 1_000_000) + " MB";
        return String.format(Locale.ROOT, "%.1f GB", Math.ceil(bytes / 1e8) / 10);
    }

    /** Reads the value of an option. */
    public static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            return parse(text);
        }
    }
}
