package wanvae.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/**
 * One call of {@link Team#run}: numbered tasks that threads take by a counter. The first failure stops it: tasks not
 * begun are dropped.
 */
final class ParallelRun {
    final int count;
    private final Team.Task task;
    private final BooleanSupplier cancelled;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Pool threads that are in it. Guarded by the pool's lock, as {@link #left} is. */
    int workers;
    /** Signalled when the last pool thread has left. */
    final Condition left;

    ParallelRun(int count, Team.Task task, BooleanSupplier cancelled, Condition left) {
        this.count = count;
        this.task = task;
        this.cancelled = cancelled;
        this.left = left;
    }

    boolean hasNext() {
        return failure.get() == null && next.get() < count;
    }

    /**
     * Takes a task and runs it.
     *
     * @return false if there was none, or if it failed
     */
    boolean step(int worker) {
        int i;
        if (failure.get() != null || (i = next.getAndIncrement()) >= count) return false;
        try {
            if (cancelled.getAsBoolean()) throw Team.cancellation();
            task.run(i, worker);
            return true;
        } catch (Throwable e) {
            fail(e);
            return false;
        }
    }

    void fail(Throwable e) {
        failure.compareAndSet(null, e);
    }

    /** Asks whether to go on, for a caller that only waits. */
    void stopIfCancelled() {
        try {
            if (cancelled.getAsBoolean()) fail(Team.cancellation());
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Throws what the first task that failed threw. */
    void rethrow() {
        switch (failure.get()) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null -> {}
            case Throwable e -> throw new AssertionError("tasks throw no checked exceptions", e);
        }
    }
}
