package wanvae.video.picture;

import java.math.BigInteger;

/**
 * The shape of a pixel as it is shown: its width to its height, in lowest terms, such as 4:3 for a pixel wider than
 * high.
 *
 * @param width  1 to 65535
 * @param height 1 to 65535
 */
public record PixelAspect(int width, int height) {
    /** As wide as high. */
    public static final PixelAspect SQUARE = new PixelAspect(1, 1);

    /** The largest number that the formats can store. */
    private static final int MOST = 65535;

    /**
     * Reduces the fraction, and rounds it where a part exceeds 65535.
     *
     * @throws IllegalArgumentException if a part is less than 1
     */
    public PixelAspect {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("a pixel aspect is two positive numbers, not " + width + ":" + height);
        int divisor = BigInteger.valueOf(width).gcd(BigInteger.valueOf(height)).intValue();
        width /= divisor;
        height /= divisor;
        while (Math.max(width, height) > MOST) {
            width = Math.ceilDiv(width, 2);
            height = Math.ceilDiv(height, 2);
        }
    }

    /** Whether a pixel is as wide as high. */
    public boolean isSquare() {
        return width == height;
    }

    /** Width divided by height. */
    public double value() {
        return (double) width / height;
    }

    /** {@code 4:3}. */
    @Override
    public String toString() {
        return width + ":" + height;
    }
}
