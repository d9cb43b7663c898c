package wanvae;

import java.lang.foreign.Arena;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import wanvae.runtime.KeptMemory;
import wanvae.strategy.Strategy;

/**
 * Where the memory of decodes and encodes comes from: what earlier ones left, what was made ready during the warm-up,
 * or the system. Safe for several at once.
 */
final class RunMemory implements AutoCloseable {
    /** Null: every run takes new memory. */
    private final KeptMemory kept;
    /** Null: kernels are compiled as they are first used. */
    private final WarmUp warmUp;

    RunMemory(boolean keeps, WarmUp warmUp) {
        this.kept = keeps ? new KeptMemory() : null;
        this.warmUp = warmUp;
    }

    /**
     * Waits for the warm-up. Meanwhile it prepares memory for the run and clears as much of it as time allows.
     *
     * @param bounded whether the caller has set a bound
     * @return the prepared memory, or null if the warm-up has ended already, memory is kept from run to run, or there
     *         is a bound
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
     * What makes a run's arenas. An undivided run without a bound uses the memory that earlier runs have left, or that
     * was prepared. For any other run that memory is freed.
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
