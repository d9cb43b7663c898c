package wanvae.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Large memory that one decode leaves to the next. The system would have to clear fresh memory, which took half a
 * second per gigabyte where it was measured, a tenth of a decode. Pieces that a decode had are kept until the next
 * decode takes them. What does not fit is freed before new memory is allocated, so that the two are never held
 * together. Closing frees what is kept; what is lent is freed when its arena closes. Safe for several decodes at once.
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
     * An arena for one decode. Its large memory ({@link LargeMemory#allocate}) comes from here and returns when it
     * closes; its contents are whatever was left there. Small memory is the arena's own.
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
        try {
            return new Piece(owner, LargeMemory.allocate(owner, bytes));
        } catch (Throwable e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Allocates memory for the next decode and has the system clear it, page by page.
     *
     * @param goOn asked before each page; what is not cleared by then is cleared as it is used
     */
    public void prepare(long bytes, BooleanSupplier goOn) {
        Piece piece = take(bytes);
        try {
            LargeMemory.touch(piece.memory, goOn);
        } finally {
            leave(List.of(piece));
        }
    }

    private synchronized void leave(List<Piece> pieces) {
        clear();
        idle.addAll(pieces);
        if (closed) clear();
    }

    /** Frees what no decode has at present. */
    public synchronized void clear() {
        for (Piece piece : idle) piece.owner.close();
        idle.clear();
    }

    /** Frees what no decode has at present, and from now on what decodes leave. */
    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    /** The memory of one decode: small pieces of its own, and large ones on loan. */
    public final class Lent implements Arena {
        private final Arena own = Arena.ofShared();
        private final List<Piece> pieces = new ArrayList<>();

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            return own.allocate(bytes, alignment);
        }

        /** A large piece, for {@link LargeMemory#allocate}. */
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
