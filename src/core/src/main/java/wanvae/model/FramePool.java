package wanvae.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import wanvae.runtime.LargeMemory;

/**
 * The activations' memory, in two parts. Frames that last, those of the feature caches, have few sizes and return in
 * turn: each size has slots of its own, taken as they are needed. The others come and go within a few layers: they are
 * cut from one region, or from slots that lie idle. The same sequence of calls takes the same memory, so a rehearsal
 * tells exactly what a decode will take.
 */
public final class FramePool {
    private static final long ALIGN = 4096;
    /** Slots are lent to frames that are not smaller than this part of them. */
    private static final int LENT = 4;

    /** Memory that is cut into frames, first-fit. */
    private static final class Space {
        final MemorySegment memory;
        /** Free intervals, start to end. */
        private final TreeMap<Long, Long> free = new TreeMap<>();
        /** The furthest end of a frame so far. */
        long reached;

        Space(MemorySegment memory) {
            this.memory = memory;
            clear();
        }

        void clear() {
            free.clear();
            free.put(0L, memory.byteSize());
        }

        boolean isIdle() {
            return free.equals(Map.of(0L, memory.byteSize()));
        }

        /** @return null if there is no room */
        MemorySegment cut(long bytes) {
            long size = align(bytes);
            for (var interval : free.entrySet()) {
                long start = interval.getKey(), end = interval.getValue();
                if (end - start < size) continue;
                free.remove(start);
                if (end > start + size) free.put(start + size, end);
                reached = Math.max(reached, start + size);
                return memory.asSlice(start, bytes);
            }
            return null;
        }

        void giveBack(MemorySegment frame) {
            long start = frame.address() - memory.address(), end = start + align(frame.byteSize());
            if (start < 0 || end > memory.byteSize())
                throw new IllegalStateException("a frame of another pool was released, or one twice");
            var before = free.lowerEntry(start + 1);
            if (before != null && before.getValue() > start
                    || free.ceilingKey(start) != null && free.ceilingKey(start) < end)
                throw new IllegalStateException("a frame was released twice");
            if (before != null && before.getValue() == start) start = before.getKey();
            Long after = free.remove(end);
            free.put(start, after != null ? after : end);
        }
    }

    private final Space region;
    private final MemorySegment room;
    /** Free slots by size. */
    private final TreeMap<Long, Deque<MemorySegment>> slots = new TreeMap<>();
    /** Slots in use by address. */
    private final Map<Long, MemorySegment> used = new HashMap<>();
    /** Slots that are lent, and which frame is of which. */
    private final List<Space> lent = new ArrayList<>();

    private final Map<Long, Space> borrowed = new HashMap<>();
    private long slotBytes;

    private FramePool(MemorySegment region, MemorySegment room) {
        this.region = new Space(region);
        this.room = room;
    }

    /** A pool whose frames have a size but no memory: their addresses are never touched. */
    public static FramePool rehearsal() {
        long most = Long.MAX_VALUE / 4;
        return new FramePool(
                MemorySegment.ofAddress(most).reinterpret(most),
                MemorySegment.ofAddress(2 * most).reinterpret(most));
    }

    /**
     * @param arena       owner of the memory
     * @param regionBytes of a rehearsal of the same decode
     * @param slotBytes   of that rehearsal
     */
    public static FramePool of(Arena arena, long regionBytes, long slotBytes) {
        return new FramePool(LargeMemory.allocate(arena, regionBytes), LargeMemory.allocate(arena, slotBytes));
    }

    /** Forgets all frames: nobody has one any more. What comes next finds the pool as its rehearsal did. */
    public FramePool empty() {
        region.clear();
        slots.clear();
        used.clear();
        lent.clear();
        borrowed.clear();
        slotBytes = 0;
        return this;
    }

    private static long align(long bytes) {
        return (bytes + ALIGN - 1) & -ALIGN;
    }

    /** Bytes of the region needed so far. */
    public long regionBytes() {
        return region.reached;
    }

    /** Bytes of all slots so far. */
    public long slotBytes() {
        return slotBytes;
    }

    /** A frame that lasts: it will be in a feature cache. */
    public MemorySegment acquireLasting(long bytes) {
        long size = align(bytes);
        Deque<MemorySegment> idle = slots.computeIfAbsent(size, s -> new ArrayDeque<>());
        MemorySegment slot = idle.isEmpty() ? slot(size) : idle.pop();
        used.put(slot.address(), slot);
        return slot.asSlice(0, bytes);
    }

    private MemorySegment slot(long size) {
        if (slotBytes + size > room.byteSize()) throw exceeded();
        slotBytes += size;
        return room.asSlice(slotBytes - size, size);
    }

    /** @param brief gone before frames of another size come again: it may be lent some of their slots */
    public MemorySegment acquire(long bytes, boolean brief) {
        MemorySegment frame = brief ? borrow(bytes) : null;
        if (frame == null) frame = region.cut(bytes);
        if (frame == null) throw exceeded();
        return frame;
    }

    private static IllegalStateException exceeded() {
        return new IllegalStateException("a decode needs more memory than its rehearsal did");
    }

    /** A frame in an idle slot, or null. */
    private MemorySegment borrow(long bytes) {
        for (Space space : lent) {
            MemorySegment frame = space.cut(bytes);
            if (frame == null) continue;
            borrowed.put(frame.address(), space);
            return frame;
        }
        long size = align(bytes);
        for (Deque<MemorySegment> idle : slots.subMap(size + 1, LENT * size).values()) {
            if (idle.isEmpty()) continue;
            lent.add(new Space(idle.pop()));
            return borrow(bytes);
        }
        return null;
    }

    /** Gives a frame back; null, a frame of zeros, is nobody's. */
    public void release(MemorySegment frame) {
        if (frame == null) return;
        MemorySegment slot = used.remove(frame.address());
        if (slot != null) {
            slots.get(slot.byteSize()).push(slot);
            return;
        }
        Space space = borrowed.remove(frame.address());
        if (space == null) {
            region.giveBack(frame);
            return;
        }
        space.giveBack(frame);
        if (!space.isIdle()) return;
        lent.remove(space);
        slots.get(space.memory.byteSize()).push(space.memory);
    }
}
