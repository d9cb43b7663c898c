package wanvae;

import java.lang.foreign.Arena;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import wanvae.runtime.KeptMemory;
import wanvae.strategy.Strategy;

/**
 * Where the memory of decodes and encodes comes from: what earlier ones left, what was made ready during the warm-up, or
 * the system. Safe for several at once.
 */
final class RunMemory implements AutoCloseable {
    /** Null: every run takes new memory. */
    private final KeptMemory kept;
    /** Null: kernels are compiled as they come. */
    private final WarmUp warmUp;

    RunMemory(boolean keeps, WarmUp warmUp) {
        this.kept = keeps ? new KeptMemory() : null;
        this.warmUp = warmUp;
    }

    /**
     * Waits for the warm-up. Meanwhile the memory of the first run is cleared, as far as that gets.
     *
     * @param bounded whether the caller has set a bound
     * @return the memory, or null: there was no time, there are earlier runs' pieces to begin with, or a bound that leaves
     *         no room for whole pictures
     */
    KeptMemory warmUp(Strategy strategy, boolean bounded, BooleanSupplier cancelled) {
        if (warmUp == null || !warmUp.isRunning()) return null;
        KeptMemory prepared = kept != null || bounded ? null : new KeptMemory();
        try {
            if (prepared != null)
                prepared.prepare(strategy.needs().regionBytes(), () -> warmUp.isRunning() && !cancelled.getAsBoolean());
            warmUp.await(cancelled);
        } catch (Throwable e) {
            if (prepared != null) prepared.close();
            throw e;
        }
        return prepared;
    }

    /**
     * What makes a run's arenas: an undivided one uses the memory of earlier runs or what is prepared, unless a bound says
     * how much there is. For all others that memory is given back.
     */
    Supplier<Arena> arenas(Strategy strategy, KeptMemory prepared, boolean bounded) {
        KeptMemory memory = kept != null ? kept : prepared;
        if (memory == null) return Arena::ofShared;
        if (strategy.isUndivided() && !bounded) return memory::arena;
        memory.clear();
        return Arena::ofShared;
    }

    @Override
    public void close() {
        if (warmUp != null) warmUp.close();
        if (kept != null) kept.close();
    }
}
