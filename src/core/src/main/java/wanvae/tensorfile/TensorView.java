package wanvae.tensorfile;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;

/**
 * A tensor where it lies among some bytes, in C order or another: element {@code (i, j, …)} is the one at {@code first
 * + i * stride[0] + j * stride[1] + …}. Safe from several threads.
 */
final class TensorView {
    private final TensorInfo info;
    private final Bytes bytes;
    private final long position;
    private final ByteOrder order;
    private final long first;
    private final long last;
    private final long[] stride;
    /** All values in C order, kept for reading in runs where the file has another order. */
    private MemorySegment ordered;

    /**
     * @param position of element 0 among the bytes
     * @param first    element of the tensor's beginning
     * @param stride   of each dimension in elements
     * @throws ArithmeticException if the last element's place overflows a long
     */
    TensorView(TensorInfo info, Bytes bytes, long position, ByteOrder order, long first, long[] stride) {
        this.info = info;
        this.bytes = bytes;
        this.position = position;
        this.order = order;
        this.first = first;
        this.stride = stride;
        long last = first - 1;
        if (info.elements() > 0) {
            last = first;
            for (int d = 0; d < stride.length; d++)
                last = Math.addExact(last, Math.multiplyExact(info.shape()[d] - 1, stride[d]));
        }
        this.last = last;
    }

    /** In C order from {@code position} on. */
    TensorView(TensorInfo info, Bytes bytes, long position, ByteOrder order) {
        this(info, bytes, position, order, 0, cOrder(info.shape()));
    }

    static long[] cOrder(long[] shape) {
        long[] stride = new long[shape.length];
        long step = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            stride[d] = step;
            step *= shape[d];
        }
        return stride;
    }

    static long[] fortranOrder(long[] shape) {
        long[] stride = new long[shape.length];
        long step = 1;
        for (int d = 0; d < shape.length; d++) {
            stride[d] = step;
            step *= shape[d];
        }
        return stride;
    }

    TensorInfo info() {
        return info;
    }

    /** Number of the last element among those from {@code position} on, one less than the first for an empty tensor. */
    long last() {
        return last;
    }

    /**
     * Refuses tensors of one file that share bytes.
     *
     * @param views all of its tensors by name
     * @param file  for messages
     * @throws FormatException naming two that do
     */
    static void requireDisjoint(Collection<String> names, Map<String, TensorView> views, String file)
            throws FormatException {
        var sorted = names.stream()
                .map(views::get)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong(TensorView::start))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            TensorView before = sorted.get(i - 1);
            TensorView view = sorted.get(i);
            if (view.start() < before.end() && view.start() < view.end()) {
                throw new FormatException(file + ": tensors " + FormatException.quote(before.info.name()) + " and "
                        + FormatException.quote(view.info.name())
                        + " share elements of one storage, expected each to have its own");
            }
        }
    }

    private long start() {
        return position + info.dtype().bytes(first);
    }

    private long end() {
        return position + info.dtype().bytes(last + 1);
    }

    /**
     * All elements in C order.
     *
     * @param target {@code 4 * elements} bytes
     */
    void read(MemorySegment target) throws IOException {
        if (isContiguous()) {
            read(0, target);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(4 * (last - first + 1), 4);
            bytes.readFloats(start(), last - first + 1, info.dtype(), order, stored);
            gather(stored, target);
        }
    }

    /**
     * Elements from {@code from} on in C order.
     *
     * @param target 4 bytes for each
     */
    void read(long from, MemorySegment target) throws IOException {
        long count = target.byteSize() / 4;
        if (!isContiguous()) {
            MemorySegment.copy(ordered(), 4 * from, target, 0, 4 * count);
            return;
        }
        int lead = (int) (from % info.dtype().block());
        if (lead == 0) {
            bytes.readFloats(position + info.dtype().bytes(first + from), count, info.dtype(), order, target);
            return;
        }
        try (Arena arena = Arena.ofConfined()) { // from within a block on
            MemorySegment blocks = arena.allocate(4 * (lead + count), 4);
            read(from - lead, blocks);
            MemorySegment.copy(blocks, 4L * lead, target, 0, 4 * count);
        }
    }

    private synchronized MemorySegment ordered() throws IOException {
        if (ordered == null) {
            MemorySegment all = Arena.ofAuto().allocate(4 * info.elements(), 4);
            read(all);
            ordered = all;
        }
        return ordered;
    }

    private boolean isContiguous() {
        long[] shape = info.shape();
        long expected = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] != 1 && stride[d] != expected) return false;
            expected *= shape[d];
        }
        return true;
    }

    /** Counts the indices up in C order, and keeps the position in the storage in step with them. */
    private void gather(MemorySegment stored, MemorySegment target) {
        long[] shape = info.shape();
        long[] index = new long[shape.length];
        long position = 0;
        for (long i = 0, n = target.byteSize() / 4; i < n; i++) {
            target.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * i,
                    stored.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * position));
            for (int d = shape.length - 1; d >= 0; d--) {
                position += stride[d];
                if (++index[d] < shape[d]) break;
                position -= stride[d] * shape[d];
                index[d] = 0;
            }
        }
    }
}
