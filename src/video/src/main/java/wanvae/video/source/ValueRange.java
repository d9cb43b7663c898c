package wanvae.video.source;

/** Which float values of frames are black and white. */
public enum ValueRange {
    /** 0 and 1: diffusers' {@code output_type="np"} and {@code "pt"}. */
    UNIT("0..1", 0, 1, 0.25f),
    /** 0 and 255. */
    BYTE("0..255", 0, 255, 64),
    /** -1 and 1: a raw sample. */
    SIGNED("-1..1", -1, 1, 1);

    private final String text;
    private final float black, white;
    /** How far values may lie outside the range, as resizing or a decoder without a clamp makes them. */
    private final float overshoot;

    ValueRange(String text, float black, float white, float overshoot) {
        this.text = text;
        this.black = black;
        this.white = white;
        this.overshoot = overshoot;
    }

    /**
     * Reads {@code 0..1}, {@code 0..255} or {@code -1..1}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static ValueRange parse(String text) {
        for (ValueRange range : values()) if (range.text.equals(text)) return range;
        throw new IllegalArgumentException("a range of values is 0..1, 0..255 or -1..1, not " + text);
    }

    /** Whether frames with values from {@code min} to {@code max} may have this range. */
    boolean fits(float min, float max) {
        return min >= black - overshoot && max <= white + overshoot;
    }

    /** Maps a value to [0, 1]. */
    float unit(float value) {
        return this == UNIT ? value : (value - black) / (white - black);
    }

    /** {@code 0..255}. */
    @Override
    public String toString() {
        return text;
    }
}
