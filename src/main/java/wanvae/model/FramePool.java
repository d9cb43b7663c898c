package wanvae.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The activations' memory: extents as large as the largest frame, taken one by one as they are needed, each cut into frames first-fit.
 * The same sequence of calls takes the same memory, so a rehearsal (without an arena) tells exactly what a decode will take.
 */
final class FramePool {
    private static final long ALIGN = 4096;

    private final Arena arena;
    private final long extentBytes;
    private final List<MemorySegment> extents = new ArrayList<>();
    /** For each extent its free intervals, start to end. */
    private final List<TreeMap<Long, Long>> free = new ArrayList<>();

    /** @param arena owner of the extents; null for a rehearsal, whose frames have a size but no memory */
    FramePool(Arena arena, long largestFrame) {
        this.arena = arena;
        this.extentBytes = align(largestFrame);
    }

    private static long align(long bytes) {
        return (bytes + ALIGN - 1) & -ALIGN;
    }

    /** Bytes taken so far. */
    long bytes() {
        return extents.size() * extentBytes;
    }

    MemorySegment acquire(long bytes) {
        long size = align(bytes);
        if (size > extentBytes) throw new IllegalArgumentException("a frame of " + bytes + " bytes in extents of " + extentBytes);
        for (int e = 0; ; e++) {
            if (e == extents.size()) grow();
            for (var interval : free.get(e).entrySet()) {
                long start = interval.getKey(), end = interval.getValue();
                if (end - start < size) continue;
                free.get(e).remove(start);
                if (end > start + size) free.get(e).put(start + size, end);
                return extents.get(e).asSlice(start, bytes);
            }
        }
    }

    private void grow() {
        // A rehearsal's extents lie at addresses that are never touched.
        extents.add(arena == null ? MemorySegment.ofAddress(ALIGN + extents.size() * extentBytes).reinterpret(extentBytes) : arena.allocate(extentBytes, ALIGN));
        TreeMap<Long, Long> all = new TreeMap<>();
        all.put(0L, extentBytes);
        free.add(all);
    }

    /** Gives a frame back; null, a frame of zeros, is nobody's. */
    void release(MemorySegment frame) {
        if (frame == null) return;
        for (int e = 0; e < extents.size(); e++) {
            long start = frame.address() - extents.get(e).address();
            if (start < 0 || start >= extentBytes) continue;
            long end = start + align(frame.byteSize());
            TreeMap<Long, Long> intervals = free.get(e);
            var before = intervals.lowerEntry(start + 1);
            if (before != null && before.getValue() > start || intervals.ceilingKey(start) != null && intervals.ceilingKey(start) < end)
                throw new IllegalStateException("a frame was released twice");
            if (before != null && before.getValue() == start) {
                start = before.getKey();
            }
            Long after = intervals.remove(end);
            intervals.put(start, after != null ? after : end);
            return;
        }
        throw new IllegalStateException("a frame of another pool was released");
    }
}
