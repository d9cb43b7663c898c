package wanvae.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The error metric of all kernel tests: the largest and the rms deviation, relative to the rms of what is expected. */
record Closeness(double max, double rms) {
    static Closeness of(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double max = 0, error = 0, size = 0;
        for (int i = 0; i < expected.length; i++) {
            double d = Math.abs((double) expected[i] - actual[i]);
            if (!(d <= max)) max = Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
            error += d * d;
            size += (double) expected[i] * expected[i];
        }
        double scale = Math.sqrt(size / expected.length);
        return new Closeness(max / scale, Math.sqrt(error / expected.length) / scale);
    }

    void within(double max, double rms, String what) {
        assertTrue(
                this.max <= max && this.rms <= rms,
                what + ": max " + this.max + " (allowed " + max + "), rms " + this.rms + " (allowed " + rms + ")");
    }
}
