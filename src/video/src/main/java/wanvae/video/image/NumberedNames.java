package wanvae.video.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Names of numbered files, such as {@code frames-%05d.png}: some text with one {@code %d} or {@code %05d} in it. */
public final class NumberedNames {
    private static final Pattern NUMBER = Pattern.compile("%(?:0(\\d))?d");
    private final String pattern;
    private final Pattern names;

    private NumberedNames(String pattern, Matcher number) {
        this.pattern = pattern;
        names = Pattern.compile(Pattern.quote(pattern.substring(0, number.start())) + "(\\d{1,9})"
                + Pattern.quote(pattern.substring(number.end())));
    }

    /** Whether a name has a place for a number. */
    public static boolean isPattern(String name) {
        return NUMBER.matcher(name).find();
    }

    /** Whether a name has exactly one place for a number and no other percent sign. */
    public static boolean isOne(String name) {
        return isPattern(name) && !NUMBER.matcher(name).replaceFirst("").contains("%");
    }

    /** @throws IllegalArgumentException if the name does not have exactly one place for a number and no other percent */
    public static NumberedNames of(String pattern) {
        if (!isOne(pattern)) throw new IllegalArgumentException("a pattern has one %d or %05d, unlike " + pattern);
        Matcher number = NUMBER.matcher(pattern);
        number.find();
        return new NumberedNames(pattern, number);
    }

    /** The name of file {@code index}, which is not negative. */
    public String name(int index) {
        return pattern.formatted(index);
    }

    /** The number of a file that is named by this pattern; empty for every other name. */
    public OptionalInt number(String name) {
        Matcher match = names.matcher(name);
        if (!match.matches()) return OptionalInt.empty();
        int index = Integer.parseInt(match.group(1));
        return name(index).equals(name) ? OptionalInt.of(index) : OptionalInt.empty();
    }

    /** Files in a folder that are named by this pattern and numbered {@code from} or higher, in no order. */
    public List<Path> in(Path folder, int from) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> number(file.getFileName().toString()).orElse(-1) >= from)
                    .toList();
        }
    }

    /** The pattern itself. */
    @Override
    public String toString() {
        return pattern;
    }
}
