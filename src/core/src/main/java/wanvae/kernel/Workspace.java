package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import wanvae.runtime.LargeMemory;

/**
 * Scratch memory of a decode, a piece for each worker of its team and one for weights; lives as long as the arena it
 * was given.
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

    /** Without room for weights: for layers that need none, or keep theirs. */
    public Workspace(Arena arena, int workers, long bytes) {
        this(arena, workers, bytes, Long.MAX_VALUE, 0);
    }

    /**
     * @param bytes        size of each worker's piece
     * @param largestKept layers keep their transformed weights from the first use on where these take no more than so
     *                    many bytes
     * @param weightBytes  room for the transformed weights of one layer that are not kept
     */
    public Workspace(Arena arena, int workers, long bytes, long largestKept, long weightBytes) {
        this(new MemorySegment[workers], LargeMemory.allocate(arena, weightBytes), largestKept);
        for (int i = 0; i < workers; i++) pieces[i] = LargeMemory.allocate(arena, bytes);
    }

    /** The same pieces, since a worker is in one place at a time, with other room for weights. */
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
