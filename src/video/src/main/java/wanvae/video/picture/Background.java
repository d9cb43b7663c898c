package wanvae.video.picture;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The colour behind pictures with alpha, for outputs without alpha. Each part is 0 to 255.
 *
 * @param red   of sRGB
 * @param green of sRGB
 * @param blue  of sRGB
 */
public record Background(int red, int green, int blue) {
    /** Black, the default. */
    public static final Background BLACK = new Background(0, 0, 0);

    private static final Pattern HEXADECIMAL = Pattern.compile("#[0-9a-f]{6}");
    private static final Map<String, Background> NAMES = Map.of(
            "black",
            BLACK,
            "white",
            new Background(255, 255, 255),
            "grey",
            new Background(128, 128, 128),
            "gray",
            new Background(128, 128, 128),
            "green",
            new Background(0, 255, 0));

    /** @throws IllegalArgumentException if a part is out of its range */
    public Background {
        if ((red | green | blue) < 0 || Math.max(red, Math.max(green, blue)) > 255)
            throw new IllegalArgumentException(
                    "the parts of a colour are 0 to 255, not " + red + ", " + green + ", " + blue);
    }

    /**
     * Reads {@code black}, {@code white}, {@code grey}, {@code green} (a screen for keying), or {@code #rrggbb}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Background parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (NAMES.containsKey(lower)) return NAMES.get(lower);
        if (!HEXADECIMAL.matcher(lower).matches())
            throw new IllegalArgumentException(
                    "a background is black, white, grey, green or #rrggbb, like #ff8000, not " + text);
        int rgb = Integer.parseInt(lower.substring(1), 16);
        return new Background(rgb >> 16, rgb >> 8 & 255, rgb & 255);
    }

    /** A part in [0, 1]: 0 is red, 1 green, 2 blue. */
    float unit(int channel) {
        return level(channel) / 255f;
    }

    /** A part in 0 to 255. */
    int level(int channel) {
        return switch (channel) {
            case 0 -> red;
            case 1 -> green;
            default -> blue;
        };
    }

    /** {@code #ff8000}. */
    @Override
    public String toString() {
        return this.equals(BLACK) ? "black" : "#%02x%02x%02x".formatted(red, green, blue);
    }
}
