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
import wanvae.kernel.Team;

/**
 * The activations' memory, in two parts. Frames that last, those of the feature caches, have few sizes and return in turn: each size has slots of
 * its own, taken as they are needed. The others come and go within a few layers: they are cut first-fit from one region, or are lent a slot that lies idle.
 * The same sequence of calls takes the same memory, so a rehearsal tells exactly what a decode will take, and in which order: that lets the
 * threads take the next pieces of slots together, since clearing fresh memory is long work (half a second a gigabyte) for one.
 */
final class FramePool {
    private static final long ALIGN = 4096;
    /** Small slots are taken several at a time, since the system gets large pieces back whole. */
    private static final long PIECE = 32L << 20;
    private static final int SLOTS = 4;
    /** Slots are lent to frames that are not smaller than this part of them. */
    private static final int LENT = 4;

    private final Arena arena;
    private final Team team;
    private final MemorySegment region;
    /** Sizes of the slots whose pieces are taken, in this order; a rehearsal finds it out. */
    private final List<Long> order;
    private int taken;
    /** Pieces taken and not yet needed, by the size of their slots. */
    private final Map<Long, Deque<MemorySegment>> fresh = new HashMap<>();
    /** Free intervals of the region, start to end. */
    private final TreeMap<Long, Long> free = new TreeMap<>();
    /** Free slots by size. */
    private final TreeMap<Long, Deque<MemorySegment>> slots = new TreeMap<>();
    /** Slots in use by address. */
    private final Map<Long, MemorySegment> used = new HashMap<>();
    private long regionBytes;

    private FramePool(Arena arena, Team team, MemorySegment region, List<Long> order) {
        this.arena = arena;
        this.team = team;
        this.region = region;
        this.order = order;
        free.put(0L, region.byteSize());
    }

    /** A pool whose frames have a size but no memory: their addresses are never touched. */
    static FramePool rehearsal() {
        return new FramePool(null, null, MemorySegment.ofAddress(Long.MAX_VALUE / 2).reinterpret(Long.MAX_VALUE / 4), new ArrayList<>());
    }

    /**
     * @param arena       owner of the memory, shared
     * @param regionBytes of a rehearsal of the same decode
     * @param order       of that rehearsal
     */
    static FramePool of(Arena arena, Team team, long regionBytes, List<Long> order) {
        return new FramePool(arena, team, arena.allocate(regionBytes, ALIGN), order);
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
        return order.stream().mapToLong(FramePool::pieceBytes).sum();
    }

    /** Sizes of the slots that were needed, piece by piece. */
    List<Long> order() {
        return List.copyOf(order);
    }

    /** A frame that lasts: it will be in a feature cache. */
    MemorySegment acquireLasting(long bytes) {
        long size = align(bytes);
        Deque<MemorySegment> idle = slots.computeIfAbsent(size, s -> new ArrayDeque<>());
        if (idle.isEmpty()) {
            MemorySegment piece = arena == null ? rehearsedPiece(size) : piece(size);
            for (long at = 0; at < piece.byteSize(); at += size) idle.add(piece.asSlice(at, size));
        }
        return use(idle).asSlice(0, bytes);
    }

    private MemorySegment rehearsedPiece(long slot) {
        MemorySegment piece = MemorySegment.ofAddress(ALIGN + slotBytes()).reinterpret(pieceBytes(slot));
        order.add(slot);
        return piece;
    }

    private MemorySegment piece(long slot) {
        Deque<MemorySegment> pieces = fresh.computeIfAbsent(slot, s -> new ArrayDeque<>());
        while (pieces.isEmpty() && taken < order.size()) takePieces();
        // Tiles that come in another order than they were rehearsed in may need one more.
        return pieces.isEmpty() ? arena.allocate(pieceBytes(slot), ALIGN) : pieces.pop();
    }

    /** The next pieces, one for each thread. */
    private void takePieces() {
        List<Long> sizes = order.subList(taken, Math.min(order.size(), taken + team.size()));
        MemorySegment[] pieces = new MemorySegment[sizes.size()];
        team.run(pieces.length, (task, worker) -> pieces[task] = arena.allocate(pieceBytes(sizes.get(task)), ALIGN));
        for (int i = 0; i < pieces.length; i++) fresh.computeIfAbsent(sizes.get(i), s -> new ArrayDeque<>()).add(pieces[i]);
        taken += pieces.length;
    }

    private static long pieceBytes(long slot) {
        return slot * Math.clamp(PIECE / slot, 1, SLOTS);
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
