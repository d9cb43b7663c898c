package wanvae.kernel;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * An exact number of the field Q(√2), {@code (a + b·√2) / d}: in it lie the evaluation points of the Winograd
 * transforms. Always in lowest terms.
 */
record Surd(BigInteger a, BigInteger b, BigInteger d) {
    static final Surd ZERO = of(0, 0, 1), ONE = of(1, 0, 1);

    Surd {
        BigInteger divisor = a.gcd(b).gcd(d);
        if (d.signum() < 0) divisor = divisor.negate();
        a = a.divide(divisor);
        b = b.divide(divisor);
        d = d.divide(divisor);
    }

    static Surd of(long a, long b, long d) {
        return new Surd(BigInteger.valueOf(a), BigInteger.valueOf(b), BigInteger.valueOf(d));
    }

    Surd plus(Surd s) {
        return new Surd(a.multiply(s.d).add(s.a.multiply(d)), b.multiply(s.d).add(s.b.multiply(d)), d.multiply(s.d));
    }

    Surd minus(Surd s) {
        return plus(s.times(of(-1, 0, 1)));
    }

    Surd times(Surd s) {
        return new Surd(
                a.multiply(s.a).add(b.multiply(s.b).shiftLeft(1)),
                a.multiply(s.b).add(b.multiply(s.a)),
                d.multiply(s.d));
    }

    /** The inverse; √2 is irrational, so the norm a² - 2b² of a number other than 0 is not 0. */
    Surd inverse() {
        return new Surd(
                a.multiply(d),
                b.multiply(d).negate(),
                a.multiply(a).subtract(b.multiply(b).shiftLeft(1)));
    }

    Surd power(int exponent) {
        return exponent == 0 ? ONE : times(power(exponent - 1));
    }

    double value() {
        BigDecimal root = BigDecimal.valueOf(2).sqrt(MathContext.DECIMAL128);
        return new BigDecimal(a)
                .add(new BigDecimal(b).multiply(root))
                .divide(new BigDecimal(d), MathContext.DECIMAL128)
                .doubleValue();
    }
}
