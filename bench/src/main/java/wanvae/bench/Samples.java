package wanvae.bench;

import java.util.Arrays;

/** The same quantity, measured several times. */
record Samples(double... values) {
    Samples with(double value) {
        double[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = value;
        return new Samples(more);
    }

    /** The middle one, or the mean of the two in the middle. */
    double median() {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    double least() {
        return Arrays.stream(values).min().getAsDouble();
    }

    double most() {
        return Arrays.stream(values).max().getAsDouble();
    }
}
