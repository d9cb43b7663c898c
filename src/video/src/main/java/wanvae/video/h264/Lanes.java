package wanvae.video.h264;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one place for the vectors samples are worked on with: eight bytes in memory, eight lanes of 16 bits. Blocks are 8
 * or 16 samples wide, and with one species C2 inlines everything; with a second one for rows of 16 it left vectors on
 * the heap (4 to 10 times slower).
 */
final class Lanes {
    static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
    static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;

    private Lanes() {}

    static ShortVector load(byte[] samples, int at) {
        return (ShortVector)
                ByteVector.fromArray(BYTES, samples, at).convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
    }

    /** Stores lanes, which are 0 to 255. */
    static void store(ShortVector v, byte[] samples, int at) {
        ((ByteVector) v.convertShape(VectorOperators.S2B, BYTES, 0)).intoArray(samples, at);
    }

    /** The sums of pairs of lanes as numbers without sign. */
    static IntVector pairs(ShortVector v) {
        return v.reinterpretAsInts().and(0xFFFF).add(v.reinterpretAsInts().lanewise(VectorOperators.LSHR, 16));
    }

    /** The sum of the lanes as numbers without sign. */
    static int sum(ShortVector v) {
        return pairs(v).reduceLanes(VectorOperators.ADD);
    }
}
