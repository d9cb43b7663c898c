package wanvae.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Scratch memory of a decode, a piece for each worker of its team; lives as long as the arena it was given. */
public final class Workspace {
    private final MemorySegment[] pieces;

    /** @param bytes size of each worker's piece */
    public Workspace(Arena arena, int workers, long bytes) {
        pieces = new MemorySegment[workers];
        for (int i = 0; i < workers; i++) pieces[i] = arena.allocate(bytes, 4096);
    }

    /** A worker's piece, at least {@code bytes} long. */
    long address(int worker, long bytes) {
        if (bytes > pieces[worker].byteSize())
            throw new IllegalArgumentException("scratch of " + pieces[worker].byteSize() + " bytes where " + bytes + " are needed");
        return pieces[worker].address();
    }
}
