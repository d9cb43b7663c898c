package wanvae.video.h264;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors samples are worked on with: eight bytes in memory, eight lanes of 16 bits, as every machine has them.
 * Blocks are 8 or 16 samples wide.
 *
 * <p>C2 stops inlining methods, other than those of the Vector API, into one that has grown to about fifty operations on
 * vectors; what they take and return then goes through the heap, which takes several times as long. So loops over
 * vectors call methods that take or return vectors only in their first half, and write operations out in the second.
 */
final class SampleVectors {
    static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_128;
    static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64, SIXTEEN = ByteVector.SPECIES_128;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SampleVectors() {}

    static ShortVector load(byte[] samples, int at) {
        return (ShortVector)
                ByteVector.fromArray(BYTES, samples, at).convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
    }

    /** Stores lanes, which are 0 to 255. */
    static void store(ShortVector v, byte[] samples, int at) {
        ((ByteVector) v.convertShape(VectorOperators.S2B, BYTES, 0)).intoArray(samples, at);
    }

    static ShortVector difference(byte[] a, int aAt, byte[] b, int bAt) {
        return load(a, aAt).sub(load(b, bAt));
    }

    /**
     * The sum of four numbers without sign, of 16 bits each: lanes that were added as {@code long}s. Not of a vector, so
     * that it may be called at the end of a loop.
     */
    static int sum(long four) {
        long two = (four & 0x0000FFFF0000FFFFL) + (four >>> 16 & 0x0000FFFF0000FFFFL);
        return (int) (two + (two >>> 32));
    }

    /** The rounded means of 16 samples each, {@code (a | b) - (a ^ b) / 2}, several samples in a lane. */
    static void mean16(byte[] a, int aAt, byte[] b, int bAt, byte[] out, int at) {
        LongVector x = ByteVector.fromArray(ByteVector.SPECIES_128, a, aAt).reinterpretAsLongs();
        LongVector y = ByteVector.fromArray(ByteVector.SPECIES_128, b, bAt).reinterpretAsLongs();
        LongVector half = x.lanewise(VectorOperators.XOR, y)
                .lanewise(VectorOperators.LSHR, 1)
                .and(0x7F7F7F7F7F7F7F7FL);
        x.or(y).sub(half).reinterpretAsBytes().intoArray(out, at);
    }

    /** Copies 4, 8 or 16 samples, for which the JDK's copying takes too long to start. */
    static void copy(byte[] from, int at, byte[] to, int toAt, int n) {
        if (n == 4) FourSamples.copy(from, at, to, toAt);
        else for (int x = 0; x < n; x += 8) LONGS.set(to, toAt + x, (long) LONGS.get(from, at + x));
    }

    /** The rounded means of 8 samples each. */
    static void mean8(byte[] a, int aAt, byte[] b, int bAt, byte[] out, int at) {
        long x = (long) LONGS.get(a, aAt), y = (long) LONGS.get(b, bAt);
        LONGS.set(out, at, (x | y) - ((x ^ y) >>> 1 & 0x7F7F7F7F7F7F7F7FL));
    }
}
