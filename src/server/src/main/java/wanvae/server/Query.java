package wanvae.server;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import wanvae.decode.Tiling;
import wanvae.latent.LatentAxes;
import wanvae.latent.LatentRequest;
import wanvae.video.picture.Fps;

/** The query of a URL. An invalid value leads to a {@link Problem} that names its key. */
record Query(Map<String, List<String>> values) {
    private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})");
    private static final Pattern TILES = Pattern.compile("(\\d{1,6})x(\\d{1,6}):(\\d{1,6})x(\\d{1,6})");
    private static final int SHOWN = 60;

    /** The last value of a key; empty if there is none or it is an empty text. */
    Optional<String> text(String key) {
        List<String> all = values.getOrDefault(key, List.of());
        return all.isEmpty() || all.getLast().isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /** True or false, in upper or lower case. */
    boolean flag(String key, boolean otherwise) {
        return parse(key, "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "1" -> true;
                    case "false", "0" -> false;
                    default -> throw new IllegalArgumentException();
                })
                .orElse(otherwise);
    }

    OptionalDouble number(String key) {
        Optional<Double> number = parse(key, "a finite number", text -> {
            double value = Double.parseDouble(text);
            if (!Double.isFinite(value)) throw new IllegalArgumentException();
            return value;
        });
        return number.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    /** A whole number in a range. */
    Optional<Integer> integer(String key, int least, int most) {
        return parse(key, "a whole number from " + least + " to " + most, text -> {
            int value = Integer.parseInt(text);
            if (value < least || value > most) throw new IllegalArgumentException();
            return value;
        });
    }

    /** The values of a key that occurs once for each axis. */
    long[] sizes(String key) {
        List<String> all = values.getOrDefault(key, List.of());
        try {
            long[] sizes = all.stream().mapToLong(Long::parseLong).toArray();
            if (Arrays.stream(sizes).anyMatch(size -> size < 1 || size > Integer.MAX_VALUE))
                throw new IllegalArgumentException();
            return sizes;
        } catch (IllegalArgumentException e) {
            throw wrong(key, all.toString(), "a positive number for each axis");
        }
    }

    /** A constant of this enum, by its name. */
    <E extends Enum<E>> Optional<E> choice(String key, Class<E> choices) {
        return choice(key, choices, E::toString);
    }

    /** A constant of this enum, by the name that {@code name} gives it. */
    <E extends Enum<E>> Optional<E> choice(String key, Class<E> choices, Function<E, String> name) {
        List<E> all = Arrays.asList(choices.getEnumConstants());
        return parse(
                key,
                all.stream()
                        .map(name)
                        .map(text -> text.toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")),
                text -> all.stream()
                        .filter(choice -> name.apply(choice).equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new));
    }

    Optional<Fps> fps(String key) {
        return parse(key, "a frame rate like 16, 23.976 or 24000/1001", Fps::parse);
    }

    Optional<LatentAxes> axes(String key) {
        return parse(key, "an order of axes like bcfhw", LatentAxes::new);
    }

    /** HEIGHTxWIDTH. */
    Optional<LatentRequest.Size> size(String key) {
        return parse(key, "HEIGHTxWIDTH like 1328x1328", text -> {
            Matcher parts = SIZE.matcher(text);
            if (!parts.matches()) throw new IllegalArgumentException();
            return new LatentRequest.Size(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
        });
    }

    /** True for diffusers' tiles, or HEIGHTxWIDTH:STRIDExSTRIDE. */
    Tiling tiling(String key) {
        return parse(key, "true, false or HEIGHTxWIDTH:STRIDExSTRIDE in multiples of 8 like 256x256:192x192", text -> {
                    if (text.equalsIgnoreCase("true")) return Tiling.DIFFUSERS;
                    if (text.equalsIgnoreCase("false")) return Tiling.OFF;
                    Matcher parts = TILES.matcher(text);
                    if (!parts.matches()) throw new IllegalArgumentException();
                    int[] sizes = IntStream.rangeClosed(1, 4)
                            .map(i -> Integer.parseInt(parts.group(i)))
                            .toArray();
                    return Tiling.of(sizes[0], sizes[1], sizes[2], sizes[3]);
                })
                .orElse(Tiling.OFF);
    }

    private <T> Optional<T> parse(String key, String expected, Function<String, T> parsing) {
        Optional<String> text = text(key);
        try {
            return text.map(parsing);
        } catch (IllegalArgumentException e) {
            throw wrong(key, text.orElseThrow(), expected);
        }
    }

    private static Problem wrong(String key, String found, String expected) {
        String shown = found.length() > SHOWN ? found.substring(0, SHOWN) + "…" : found;
        return Problem.bad("The parameter " + key + " is '" + shown + "', expected " + expected + ".");
    }
}
