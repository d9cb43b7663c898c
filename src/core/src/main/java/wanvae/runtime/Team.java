package wanvae.runtime;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * What a decode runs its tasks on: workers, its own or shared ones, and the question whether it was cancelled. Results
 * never depend on which worker runs a task.
 *
 * <p>With threads of its own the calling thread is worker 0, so that a team of one starts no thread. Shared workers do
 * all the work themselves: callers block until their tasks are done; at most {@link #size} workers run; an idle worker
 * takes another caller's task.
 */
public final class Team implements AutoCloseable {
    /** A task: its number, and the worker that runs it (0 … size-1), for scratch memory. */
    @FunctionalInterface
    public interface Task {
        void run(int task, int worker);
    }

    private final int size;
    /** Null for a team of one, which has no thread. */
    private final WorkerPool pool;

    private final boolean callerWorks, ownsPool;
    private final BooleanSupplier cancelled;

    private Team(int size, WorkerPool pool, boolean callerWorks, boolean ownsPool, BooleanSupplier cancelled) {
        this.size = size;
        this.pool = pool;
        this.callerWorks = callerWorks;
        this.ownsPool = ownsPool;
        this.cancelled = cancelled;
    }

    /**
     * A team of the calling thread and {@code size - 1} threads of its own, which end when it is closed. For one caller
     * at a time.
     *
     * @param cancelled asked before each task, by the thread that is to run it
     */
    public Team(int size, BooleanSupplier cancelled) {
        this(requireThread(size), own(size - 1, 1), true, true, cancelled);
    }

    /**
     * A team on workers that others use too, for any number of callers at a time. They outlive it; the caller holds
     * them meanwhile ({@link WorkerPool#lifetime}).
     *
     * @param cancelled asked before each task, by the thread that is to run it
     */
    public Team(WorkerPool workers, BooleanSupplier cancelled) {
        this(workers.size(), workers, false, false, cancelled);
    }

    private static int requireThread(int size) {
        if (size < 1) throw new IllegalArgumentException("a team needs at least 1 thread, not " + size);
        return size;
    }

    private static WorkerPool own(int threads, int first) {
        return threads == 0
                ? null
                : new WorkerPool(threads, first, WorkerPool.daemons("wanvae-", first), "the team's pool");
    }

    /**
     * A team of the same size that several threads may call at once, while this one rests: on the same workers where
     * they are shared, on threads of its own otherwise.
     *
     * @param stopped asked whenever this team's own {@code cancelled} is
     */
    public Team forSeveral(BooleanSupplier stopped) {
        return new Team(
                size,
                ownsPool ? own(size, 0) : pool,
                false,
                ownsPool,
                () -> stopped.getAsBoolean() || cancelled.getAsBoolean());
    }

    /** The number of workers. */
    public int size() {
        return size;
    }

    /**
     * Runs tasks 0 … count-1, each once, and returns when all have ended.
     *
     * @throws CancellationException if the decode was cancelled or the calling thread interrupted; tasks not begun are
     *         dropped
     */
    public void run(int count, Task task) {
        if (!callerWorks) {
            requireGoingOn();
            if (count > 0) pool.run(count, task, false, cancelled);
        } else if (pool == null || count == 1) {
            for (int i = 0; i < count; i++) {
                requireGoingOn();
                task.run(i, 0);
            }
        } else if (count > 0) pool.run(count, task, true, this::isStopped);
    }

    /**
     * @throws CancellationException if the decode was cancelled or the calling thread interrupted: for work between
     *         runs
     */
    public void requireGoingOn() {
        if (isStopped()) throw cancellation();
    }

    private boolean isStopped() {
        return Thread.currentThread().isInterrupted() || cancelled.getAsBoolean();
    }

    static CancellationException cancellation() {
        return new CancellationException("the decode was cancelled");
    }

    /** Ends the threads of its own. */
    @Override
    public void close() {
        if (ownsPool && pool != null) pool.close();
    }
}
