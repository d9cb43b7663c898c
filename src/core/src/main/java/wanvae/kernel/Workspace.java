package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.LargeMemory;

/**
 * Scratch memory of a decode: a piece for each worker of its team, and one for weights. It lives as long as the arena
 * that it was allocated in.
 */
public final class Workspace {
    private final MemorySegment[] pieces;
    private final MemorySegment weights;
    private final long largestKept;

    private Workspace(MemorySegment[] pieces, MemorySegment weights, long largestKept) {
        this.pieces = pieces;
        this.weights = weights;
        this.largestKept = largestKept;
    }

    /** A workspace for layers that need no room for transformed weights, or keep them. */
    public Workspace(Arena arena, int workers, long bytes) {
        this(arena, workers, bytes, Long.MAX_VALUE, 0);
    }

    /**
     * @param bytes       size of each worker's piece
     * @param largestKept a layer whose transformed weights take at most this many bytes keeps them from its first use
     *                    on
     * @param weightBytes room for the transformed weights of one layer that does not keep them
     */
    public Workspace(Arena arena, int workers, long bytes, long largestKept, long weightBytes) {
        this(new MemorySegment[workers], LargeMemory.allocate(arena, weightBytes), largestKept);
        for (int i = 0; i < workers; i++) pieces[i] = LargeMemory.allocate(arena, bytes);
    }

    /** The same pieces with other room for weights; they can be shared because a worker runs one task at a time. */
    public Workspace with(MemorySegment weights) {
        return new Workspace(pieces, weights, largestKept);
    }

    /** A worker's piece, at least {@code bytes} long. */
    long address(int worker, long bytes) {
        return room(pieces[worker], bytes);
    }

    /** Room for the weights of the layer that runs now. */
    long weights(long bytes) {
        return room(weights, bytes);
    }

    long largestKept() {
        return largestKept;
    }

    private static long room(MemorySegment piece, long bytes) {
        if (bytes > piece.byteSize())
            throw new IllegalArgumentException(
                    "scratch of " + piece.byteSize() + " bytes where " + bytes + " are needed");
        return piece.address();
    }
}
