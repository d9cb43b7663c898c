package wanvae.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one place for the vector species and for how kernels touch memory.
 *
 * <p>Kernels address off-heap memory absolutely, through {@link #ALL}: with every address masked by {@link #MASK}, C2's
 * range analysis folds the bounds checks away (0.59 → 0.95 of the FMA peak in nested loops). Access is then as
 * unchecked as in C, so the caller of a kernel checks the sizes of the segments whose addresses it passes.
 */
public final class Simd {
    /** All memory, from address 0. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** User-space addresses have 47 bits; C2 learns from the mask that an address is never negative. */
    static final long MASK = 0x7fffffffffffL;

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /**
     * The widest vectors of this machine up to 512 bits, or narrower ones by the system property {@code
     * wanvae.vectorBits}.
     */
    public static final VectorSpecies<Float> SPECIES = species();

    /** Floats of a vector. */
    public static final int LANES = SPECIES.length();

    /**
     * Channels are padded to a multiple of this, so that a pixel is a whole number of cache lines and of vectors of any
     * width.
     */
    public static final int CHANNEL_BLOCK = 16;

    /**
     * Whether tiles are made for 16 vector registers and not for 32. On a Zen 4 narrower vectors than its own are faster
     * this way too: 0.99 instead of 0.84 of the peak.
     */
    static final boolean SIXTEEN_REGISTERS =
            hasSixteenRegisters(System.getProperty("os.arch"), SPECIES.vectorBitSize());

    /**
     * Bytes of a float. The field is not final, so that C2 does not know its value: C2 unrolls a loop whose step it
     * knows, and where there are 16 registers it then hoists the loads of several iterations and spills.
     */
    static long floatStep = Float.BYTES;

    private static final VectorShuffle<Float> BY_8 = rotation(8),
            BY_4 = rotation(4),
            BY_2 = rotation(2),
            BY_1 = rotation(1);

    private Simd() {}

    /**
     * Whether vectors of a size are those of an instruction set with 16 registers: on x86 all below 512 bits. AVX-512
     * has 32, and so has every aarch64, however wide its vectors are.
     *
     * @param arch the JDK's name: {@code amd64} on Linux and Windows, {@code x86_64} on macOS
     * @param bits size of the vectors in use, bits
     */
    static boolean hasSixteenRegisters(String arch, int bits) {
        return bits < 512 && List.of("amd64", "x86_64").contains(arch);
    }

    /** Channels as they lie in memory: {@code c} rounded up to a multiple of {@link #CHANNEL_BLOCK}. */
    public static int padded(int c) {
        return (c + CHANNEL_BLOCK - 1) & -CHANNEL_BLOCK;
    }

    private static VectorSpecies<Float> species() {
        int widest = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
        int bits = Math.min(widest, Integer.getInteger("wanvae.vectorBits", widest));
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, ALL, address & MASK, ORDER);
    }

    static void store(FloatVector v, long address) {
        v.intoMemorySegment(ALL, address & MASK, ORDER);
    }

    static FloatVector broadcast(long address) {
        return FloatVector.broadcast(SPECIES, ALL.get(FLOAT, address & MASK));
    }

    /**
     * The sum of the lanes, pairwise in a fixed order: {@code reduceLanes(ADD)} leaves the order open, but the bits
     * must not depend on the compiler.
     */
    static float sum(FloatVector v) {
        if (LANES >= 16) v = v.add(v.rearrange(BY_8));
        if (LANES >= 8) v = v.add(v.rearrange(BY_4));
        v = v.add(v.rearrange(BY_2));
        return v.add(v.rearrange(BY_1)).lane(0);
    }

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane + by) % LANES);
    }

    static float get(long address) {
        return ALL.get(FLOAT, address & MASK);
    }

    static long getLong(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address & MASK);
    }

    static void set(long address, float value) {
        ALL.set(FLOAT, address & MASK, value);
    }
}
