package wanvae.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Large memory that one decode leaves to the next: fresh memory must be cleared by the system, which takes longer than
 * computing with it (half a second a gigabyte where it was measured, a tenth of a decode). Kept is what the last decode
 * had, until one comes that it does not fit: nobody has that beside what he takes anew. Closing gives it back. Safe for
 * many decodes at once.
 */
public final class KeptMemory implements AutoCloseable {
    private record Piece(Arena owner, MemorySegment memory) {
        long size() {
            return memory.byteSize();
        }
    }

    private final List<Piece> idle = new ArrayList<>();
    private boolean closed;

    /**
     * An arena whose large memory ({@link LargeMemory}) comes from here and is left here when it closes. That memory
     * holds anything, not zeros.
     */
    public Arena arena() {
        return new Lent();
    }

    private synchronized Piece take(long bytes) {
        Optional<Piece> fitting = idle.stream()
                .filter(p -> p.size() >= bytes && p.size() / 2 <= bytes)
                .min(Comparator.comparingLong(Piece::size));
        if (fitting.isPresent()) {
            idle.remove(fitting.get());
            return fitting.get();
        }
        clear();
        Arena owner = Arena.ofShared();
        return new Piece(owner, LargeMemory.allocate(owner, bytes));
    }

    /**
     * Takes memory for the next decode, and lets the system clear it as long as the caller has nothing better to do.
     */
    public void prepare(long bytes, BooleanSupplier idle) {
        Piece piece = take(bytes);
        LargeMemory.touch(piece.memory, idle);
        leave(List.of(piece));
    }

    private synchronized void leave(List<Piece> pieces) {
        clear();
        idle.addAll(pieces);
        if (closed) clear();
    }

    /** Gives back what no decode has at present. */
    public synchronized void clear() {
        for (Piece piece : idle) piece.owner.close();
        idle.clear();
    }

    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    /** What a decode has: small memory of its own, and pieces on loan. */
    public final class Lent implements Arena {
        private final Arena own = Arena.ofShared();
        private final List<Piece> pieces = new ArrayList<>();

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            return own.allocate(bytes, alignment);
        }

        /** What {@link LargeMemory#allocate} finds large. */
        MemorySegment large(long bytes) {
            Piece piece = take(bytes);
            pieces.add(piece);
            return MemorySegment.ofAddress(piece.memory.address()).reinterpret(bytes, own, null);
        }

        @Override
        public MemorySegment.Scope scope() {
            return own.scope();
        }

        @Override
        public void close() {
            own.close();
            leave(pieces);
        }
    }
}
