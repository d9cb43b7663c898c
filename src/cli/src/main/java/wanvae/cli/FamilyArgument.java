package wanvae.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import wanvae.config.PublishedVae;

/** The value of {@code --family}. */
public final class FamilyArgument implements ITypeConverter<PublishedVae> {
    @Override
    public PublishedVae convert(String text) {
        return PublishedVae.of(text)
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + Arrays.stream(PublishedVae.values())
                                .map(PublishedVae::id)
                                .collect(Collectors.joining(", "))));
    }
}
