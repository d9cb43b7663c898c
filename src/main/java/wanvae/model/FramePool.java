package wanvae.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import wanvae.kernel.LargeMemory;

/**
 * The activations' memory, in two parts. Frames that last, those of the feature caches, have few sizes and return in turn: each size has slots of
 * its own, taken as they are needed. The others come and go within a few layers: they are cut first-fit from one region, or are lent a slot that lies idle.
 * The same sequence of calls takes the same memory, so a rehearsal tells exactly what a decode will take.
 */
final class FramePool {
    private static final long ALIGN = 4096;
    /** Slots are lent to frames that are not smaller than this part of them. */
    private static final int LENT = 4;

    private final Arena arena;
    private final MemorySegment region, room;
    /** Free intervals of the region, start to end. */
    private final TreeMap<Long, Long> free = new TreeMap<>();
    /** Free slots by size. */
    private final TreeMap<Long, Deque<MemorySegment>> slots = new TreeMap<>();
    /** Slots in use by address. */
    private final Map<Long, MemorySegment> used = new HashMap<>();
    private long regionBytes, slotBytes;

    private FramePool(Arena arena, MemorySegment region, MemorySegment room) {
        this.arena = arena;
        this.region = region;
        this.room = room;
        free.put(0L, region.byteSize());
    }

    /** A pool whose frames have a size but no memory: their addresses are never touched. */
    static FramePool rehearsal() {
        long most = Long.MAX_VALUE / 4;
        return new FramePool(null, MemorySegment.ofAddress(most).reinterpret(most), MemorySegment.ofAddress(2 * most).reinterpret(most));
    }

    /**
     * @param arena       owner of the memory
     * @param regionBytes of a rehearsal of the same decode
     * @param slotBytes   of that rehearsal
     */
    static FramePool of(Arena arena, long regionBytes, long slotBytes) {
        return new FramePool(arena, LargeMemory.allocate(arena, regionBytes), LargeMemory.allocate(arena, slotBytes));
    }

    /** Forgets all frames: nobody has one any more. What comes next finds the pool as its rehearsal did. */
    FramePool empty() {
        free.clear();
        free.put(0L, region.byteSize());
        slots.clear();
        used.clear();
        slotBytes = 0;
        return this;
    }

    private static long align(long bytes) {
        return (bytes + ALIGN - 1) & -ALIGN;
    }

    /** Bytes of the region needed so far. */
    long regionBytes() {
        return regionBytes;
    }

    /** Bytes of all slots so far. */
    long slotBytes() {
        return slotBytes;
    }

    /** A frame that lasts: it will be in a feature cache. */
    MemorySegment acquireLasting(long bytes) {
        long size = align(bytes);
        Deque<MemorySegment> idle = slots.computeIfAbsent(size, s -> new ArrayDeque<>());
        if (idle.isEmpty()) idle.add(slot(size));
        return use(idle).asSlice(0, bytes);
    }

    private MemorySegment slot(long size) {
        // A member that finds the slots as the one before left them may need one more.
        if (slotBytes + size > room.byteSize()) return LargeMemory.allocate(arena, size);
        slotBytes += size;
        return room.asSlice(slotBytes - size, size);
    }

    private MemorySegment use(Deque<MemorySegment> idle) {
        MemorySegment slot = idle.pop();
        used.put(slot.address(), slot);
        return slot;
    }

    /** @param brief gone before frames of another size come again: it may be lent one of their slots */
    MemorySegment acquire(long bytes, boolean brief) {
        long size = align(bytes);
        if (brief) for (Deque<MemorySegment> idle : slots.subMap(size + 1, LENT * size).values()) if (!idle.isEmpty()) return use(idle).asSlice(0, bytes);
        for (var interval : free.entrySet()) {
            long start = interval.getKey(), end = interval.getValue();
            if (end - start < size) continue;
            free.remove(start);
            if (end > start + size) free.put(start + size, end);
            regionBytes = Math.max(regionBytes, start + size);
            return region.asSlice(start, bytes);
        }
        throw new IllegalStateException("a decode needs more memory than its rehearsal did");
    }

    /** Gives a frame back; null, a frame of zeros, is nobody's. */
    void release(MemorySegment frame) {
        if (frame == null) return;
        MemorySegment slot = used.remove(frame.address());
        if (slot != null) {
            slots.get(slot.byteSize()).push(slot);
            return;
        }
        long start = frame.address() - region.address(), end = start + align(frame.byteSize());
        if (start < 0 || end > region.byteSize()) throw new IllegalStateException("a frame of another pool was released, or one twice");
        var before = free.lowerEntry(start + 1);
        if (before != null && before.getValue() > start || free.ceilingKey(start) != null && free.ceilingKey(start) < end)
            throw new IllegalStateException("a frame was released twice");
        if (before != null && before.getValue() == start) start = before.getKey();
        Long after = free.remove(end);
        free.put(start, after != null ? after : end);
    }
}
