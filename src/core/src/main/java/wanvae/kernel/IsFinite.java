package wanvae.kernel;

import java.lang.foreign.MemorySegment;

/** Tells whether values are neither infinite nor NaN. */
public final class IsFinite {
    private IsFinite() {}

    /**
     * Whether all values are finite.
     *
     * @param values native memory, an even number of floats. It may be a mapped file; if that file was truncated, this
     *               throws an {@link InternalError}
     */
    public static boolean all(MemorySegment values) {
        if (!values.isNative() || values.byteSize() % 8 != 0)
            throw new IllegalArgumentException(values.byteSize() + " bytes are not pairs of floats in native memory");
        return all(values.address(), values.byteSize());
    }

    /** Two floats at a time: adding one to the exponent carries into the sign where the exponent is all ones. */
    private static boolean all(long values, long bytes) {
        long carries = 0;
        for (long i = 0; i < bytes; i += 8)
            carries |= (Simd.getLong(values + i) & 0x7f8000007f800000L) + 0x0080000000800000L;
        return (carries & 0x8000000080000000L) == 0;
    }
}
