package wanvae.latent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A tensor's values in another order of its axes. */
final class Permutation {
    private Permutation() {}

    /**
     * The values with axis {@code order[0]} outermost; the same memory where nothing moves.
     *
     * @param values float32 in C order
     * @param sizes  of the axes as they are
     * @param order  each axis once
     */
    static MemorySegment of(MemorySegment values, long[] sizes, int[] order) {
        if (keeps(sizes, order)) return values;
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= sizes[d];
        }
        MemorySegment target = Arena.ofAuto().allocate(values.byteSize(), 64);
        long[] index = new long[order.length];
        long position = 0;
        for (long i = 0, n = values.byteSize() / 4; i < n; i++) {
            target.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * i,
                    values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * position));
            for (int d = order.length - 1; d >= 0; d--) {
                long stride = strides[order[d]];
                position += stride;
                if (++index[d] < sizes[order[d]]) break;
                position -= stride * sizes[order[d]];
                index[d] = 0;
            }
        }
        return target;
    }

    /** Whether the axes that have more than one element stay in their order. */
    private static boolean keeps(long[] sizes, int[] order) {
        int before = -1;
        for (int axis : order) {
            if (sizes[axis] == 1) continue;
            if (axis < before) return false;
            before = axis;
        }
        return true;
    }
}
