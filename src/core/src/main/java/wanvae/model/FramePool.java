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
import wanvae.kernel.Convolution;
import wanvae.kernel.Frames;
import wanvae.runtime.LargeMemory;

/**
 * The memory of activations, in two parts. Lasting frames, those of the feature cache, come in few sizes: each size has
 * slots of its own, which are used again and again. The other frames live for a few layers: they are cut from one
 * region, or from slots that are idle. The same sequence of calls takes the same memory, so a dry run tells exactly
 * what a live run will take.
 *
 * <p>Frames hold any values when they are acquired, not zeros. A pool belongs to one thread.
 */
public final class FramePool {
    private static final long ALIGN = 4096;
    /** An idle slot is lent only to frames larger than 1/{@code LENT} of it. */
    private static final int LENT = 4;

    /** Memory that is cut into frames, each from the first free interval that is large enough. */
    private static final class Space {
        final MemorySegment memory;
        /** Free intervals: the end of each by its start. */
        private final TreeMap<Long, Long> free = new TreeMap<>();
        /** The largest end of any frame so far. */
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

        /** Cuts a frame, or returns null if it does not fit. */
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
                throw new IllegalStateException("a frame of another pool was released, or a frame was released twice");
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
    private final MemorySegment slotMemory;
    /** Idle slots by size. */
    private final TreeMap<Long, Deque<MemorySegment>> slots = new TreeMap<>();
    /** Slots in use by address. */
    private final Map<Long, MemorySegment> used = new HashMap<>();
    /** Idle slots that are lent to other frames. */
    private final List<Space> lent = new ArrayList<>();
    /** The lent slot that a frame is cut from, by the frame's address. */
    private final Map<Long, Space> borrowed = new HashMap<>();

    private long slotBytes;

    private FramePool(MemorySegment region, MemorySegment slotMemory) {
        this.region = new Space(region);
        this.slotMemory = slotMemory;
    }

    /** A pool for dry runs: its frames have addresses, but no memory behind them. */
    public static FramePool dry() {
        long most = Long.MAX_VALUE / 4;
        return new FramePool(
                MemorySegment.ofAddress(most).reinterpret(most),
                MemorySegment.ofAddress(2 * most).reinterpret(most));
    }

    /**
     * A pool with memory.
     *
     * @param arena       owner of the memory
     * @param regionBytes {@link #regionBytes} after a dry run
     * @param slotBytes   {@link #slotBytes} after that run
     */
    public static FramePool of(Arena arena, long regionBytes, long slotBytes) {
        return new FramePool(LargeMemory.allocate(arena, regionBytes), LargeMemory.allocate(arena, slotBytes));
    }

    /** Takes all frames back, released or not, and returns this pool, which is now as its dry run found it. */
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

    /** Bytes of the region that were needed so far. */
    public long regionBytes() {
        return region.reached;
    }

    /** Bytes of all slots made so far. */
    public long slotBytes() {
        return slotBytes;
    }

    /** Acquires a lasting frame, which will enter a feature cache. */
    public MemorySegment acquireLasting(long bytes) {
        long size = align(bytes);
        Deque<MemorySegment> idle = slots.computeIfAbsent(size, s -> new ArrayDeque<>());
        MemorySegment slot = idle.isEmpty() ? slot(size) : idle.pop();
        used.put(slot.address(), slot);
        return slot.asSlice(0, bytes);
    }

    private MemorySegment slot(long size) {
        if (slotBytes + size > slotMemory.byteSize()) throw exceeded();
        slotBytes += size;
        return slotMemory.asSlice(slotBytes - size, size);
    }

    /**
     * Acquires a frame.
     *
     * @param brief whether it is released before lasting frames of another size are acquired again, so that it may lie
     *              in a slot of theirs
     */
    public MemorySegment acquire(long bytes, boolean brief) {
        MemorySegment frame = brief ? borrow(bytes) : null;
        if (frame == null) frame = region.cut(bytes);
        if (frame == null) throw exceeded();
        return frame;
    }

    /**
     * Acquires memory for the transformed weights that a convolution needs for a run, or null if it needs none. They
     * lie among the frames because they are largest where frames are smallest.
     */
    MemorySegment acquireTransformed(Convolution convolution, Frames in) {
        long bytes = convolution.transformedBytes(in);
        return bytes == 0 ? null : acquire(bytes, true);
    }

    private static IllegalStateException exceeded() {
        return new IllegalStateException("a run needs more memory than its dry run did");
    }

    /** Acquires a frame in an idle slot, or returns null if there is none for it. */
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

    /** Releases a frame; null, which stands for a frame of zeros, is ignored. */
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
