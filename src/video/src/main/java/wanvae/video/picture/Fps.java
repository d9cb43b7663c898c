package wanvae.video.picture;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Frames per second as an exact fraction in lowest terms, such as 16/1 or 24000/1001.
 *
 * @param numerator   positive
 * @param denominator positive
 */
public record Fps(int numerator, int denominator) {
    /** Rates that have a variant for colour television, slower by the factor 1000/1001. */
    private static final int[] TELEVISION = {12, 15, 24, 30, 48, 60, 72, 90, 96, 120, 144, 240};

    /**
     * Reduces the fraction.
     *
     * @throws IllegalArgumentException if a part is less than 1
     */
    public Fps {
        if (numerator < 1 || denominator < 1)
            throw new IllegalArgumentException(
                    "a frame rate is a positive fraction, not " + numerator + "/" + denominator);
        int divisor = BigInteger.valueOf(numerator)
                .gcd(BigInteger.valueOf(denominator))
                .intValue();
        numerator /= divisor;
        denominator /= divisor;
    }

    /** A whole number of frames per second, at least 1. */
    public static Fps of(int fps) {
        return new Fps(fps, 1);
    }

    /**
     * Reads {@code 16}, {@code 12.5} or {@code 24000/1001}. Rounded television rates mean the exact ones: {@code
     * 23.976}, {@code 29.97} and {@code 59.94} are 24000/1001, 30000/1001 and 60000/1001. A fraction such as {@code
     * 2997/125} is taken literally.
     *
     * @throws IllegalArgumentException if it is none of these, not positive, or too fine for two 32-bit numbers
     */
    public static Fps parse(String text) {
        try {
            int slash = text.indexOf('/');
            if (slash >= 0)
                return new Fps(
                        Integer.parseInt(text.substring(0, slash).strip()),
                        Integer.parseInt(text.substring(slash + 1).strip()));
            BigDecimal value = new BigDecimal(text.strip());
            for (int whole : TELEVISION)
                if (value.scale() >= 2
                        && value.compareTo(new BigDecimal(1000 * whole)
                                        .divide(new BigDecimal(1001), value.scale(), RoundingMode.HALF_UP))
                                == 0) return new Fps(1000 * whole, 1001);
            if (value.scale() > 9 || value.precision() - value.scale() > 10) throw new ArithmeticException();
            BigInteger denominator = BigInteger.TEN.pow(Math.max(0, value.scale()));
            BigInteger numerator = value.multiply(new BigDecimal(denominator)).toBigIntegerExact();
            BigInteger divisor = numerator.gcd(denominator);
            return new Fps(
                    numerator.divide(divisor).intValueExact(),
                    denominator.divide(divisor).intValueExact());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "a frame rate is a positive number such as 16, 23.976 or 24000/1001, not " + text, e);
        }
    }

    /**
     * The rate at which a frame lasts as long as {@code n} frames at this rate.
     *
     * @throws IllegalArgumentException if that is too fine for two 32-bit numbers
     */
    public Fps dividedBy(int n) {
        if (n < 1 || denominator > Integer.MAX_VALUE / n)
            throw new IllegalArgumentException("a frame rate cannot be " + this + " divided by " + n);
        return new Fps(numerator, n * denominator);
    }

    /** The nearest double. */
    public double value() {
        return (double) numerator / denominator;
    }

    /** {@code 16} or {@code 24000/1001}. */
    @Override
    public String toString() {
        return denominator == 1 ? Integer.toString(numerator) : numerator + "/" + denominator;
    }
}
