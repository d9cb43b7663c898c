package wanvae.strategy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;
import wanvae.runtime.LargeMemory;
import wanvae.runtime.Spool;
import wanvae.runtime.Team;

/** One way in two sections, of which one makes pieces of the picture; what lies between them waits in a store. */
sealed interface Piecewise extends Strategy permits PiecewiseDecoding, PiecewiseEncoding {
    /** The stages in front of the store. */
    Section before();

    /** The stages behind the store. */
    Section behind();

    /** Directory of the store's file. */
    Path directory();

    /** Whether memory stands in for the file. */
    boolean inMemory();

    /** Size of the store, bytes. */
    long storeBytes();

    @Override
    default MemoryNeeds needs() {
        MemoryNeeds first = before().needs(), second = behind().needs();
        return first.frameBytes() > second.frameBytes() ? first : second;
    }

    @Override
    default long keptBytes() {
        return before().needs().keptBytes() + behind().needs().keptBytes();
    }

    @Override
    default long bytes(int threads) {
        MemoryNeeds first = before().needs(), second = behind().needs();
        return Math.max(first.bytes(threads) + second.keptBytes(), second.bytes(threads) + first.keptBytes())
                + (inMemory() ? storeBytes() : 0);
    }

    @Override
    default long disk() {
        return inMemory() ? 0 : storeBytes();
    }

    /** Operations of all layers for one member, counting twice what two pieces both compute. */
    default long work() {
        return before().needs().work() + behind().needs().work();
    }

    /** How much of the work is done twice, for {@link #order}. */
    default String overlap(int members) {
        return String.format(Locale.ROOT, " (%.0f%% more operations)", 100 * (work() * members / operations() - 1));
    }

    /** Makes room in the store, which the arena owns. */
    default MemorySegment store(Arena arena, long bytes, Team team) throws IOException {
        return inMemory() ? LargeMemory.allocate(arena, bytes) : Spool.map(arena, bytes, directory(), team);
    }
}
