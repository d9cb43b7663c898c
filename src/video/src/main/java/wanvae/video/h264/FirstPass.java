package wanvae.video.h264;

import java.util.Arrays;

/**
 * What the pictures took when they were coded once before: how the bits of a second pass, in which all pictures have one
 * quality, are best spent. Not safe for use by several threads at once.
 */
public final class FirstPass {
    /** How many quantisers halve the bits. */
    static final double HALVING = 5;

    /** By number in display order: the bits it would take at quantiser 0, if each {@link #HALVING} quantisers halve them. */
    private double[] bits = new double[256];

    private int pictures;

    /** Takes note of a picture of the first pass. */
    public void add(EncodedFrame frame) {
        if (frame.number() >= bits.length) bits = Arrays.copyOf(bits, 2 * frame.number());
        bits[frame.number()] = 8 * frame.nal().length * StrictMath.pow(2, frame.quantizer() / HALVING);
        pictures = Math.max(pictures, frame.number() + 1);
    }

    int pictures() {
        return pictures;
    }

    /** What a picture takes at a quantiser. */
    double bits(int number, double quantizer) {
        return bits[number] * StrictMath.pow(2, -quantizer / HALVING);
    }

    /** What the pictures from this one on take at quantiser 0. */
    double from(int number) {
        double sum = 0;
        for (int i = number; i < pictures; i++) sum += bits[i];
        return sum;
    }
}
