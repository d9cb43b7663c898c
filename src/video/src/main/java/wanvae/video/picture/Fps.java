package wanvae.video.picture;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Frames per second as an exact fraction in lowest terms, such as 16/1 or 24000/1001.
 *
 * @param numerator   positive
 * @param denominator positive
 */
public record Fps(int numerator, int denominator) {
    /** Reduces the fraction. @throws IllegalArgumentException if a part is less than 1 */
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
     * Reads {@code 16}, {@code 23.976} (exactly 2997/125) or {@code 24000/1001}.
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
     * This rate where each frame lasts as long as {@code n} of it.
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
