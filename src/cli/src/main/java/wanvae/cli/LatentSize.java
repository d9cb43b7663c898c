package wanvae.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import wanvae.latent.LatentShape;

/** Latent frames, height and width as the user writes them: {@code 21x60x104}. */
record LatentSize(int frames, int height, int width) {
    private static final Pattern SYNTAX = Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})");

    static LatentSize parse(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches())
            throw new TypeConversionException("'" + text + "' is not FRAMESxHEIGHTxWIDTH of latents, like 21x60x104");
        return new LatentSize(
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
    }

    /** The shape of one latent clip with this many channels. */
    LatentShape shape(int channels) {
        return new LatentShape(1, channels, frames, height, width);
    }

    static final class Converter implements ITypeConverter<LatentSize> {
        @Override
        public LatentSize convert(String text) {
            return parse(text);
        }
    }
}
