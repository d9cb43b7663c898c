package wanvae.runtime;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The threads of one decode. {@link #run} shares out tasks by a counter; results never depend on who runs what.
 * The caller works too, so a team of one starts no thread. Closing stops them.
 */
public final class Team implements AutoCloseable {
    /** A task: its number, and the worker that runs it (0 … size-1), for scratch memory. */
    @FunctionalInterface
    public interface Task {
        void run(int task, int worker);
    }

    /** A thread of the team, which is the worker of this number. */
    private static final class Worker extends Thread {
        final int number;

        Worker(Runnable work, int number) {
            super(work, "wanvae-" + number);
            this.number = number;
            setDaemon(true);
        }
    }

    private final int size;
    private final boolean callerWorks;
    private final ExecutorService pool;
    private final BooleanSupplier cancelled;

    public Team(int size, BooleanSupplier cancelled) {
        this(size, true, cancelled);
    }

    private Team(int size, boolean callerWorks, BooleanSupplier cancelled) {
        if (size < 1) throw new IllegalArgumentException("a team needs at least 1 thread, not " + size);
        this.size = size;
        this.callerWorks = callerWorks;
        this.cancelled = cancelled;
        int threads = callerWorks ? size - 1 : size;
        AtomicInteger number = new AtomicInteger(size - threads);
        ThreadFactory factory = work -> new Worker(work, number.getAndIncrement());
        this.pool = threads == 0 ? null : Executors.newFixedThreadPool(threads, factory);
    }

    /**
     * A team of as many threads of its own that several threads may call at once. They wait while it works, so that
     * never more than its size work; those that one caller's tasks do not keep busy work on another's.
     *
     * @param stopped asked beside what this team asks
     */
    public Team forSeveral(BooleanSupplier stopped) {
        return new Team(size, false, () -> stopped.getAsBoolean() || cancelled.getAsBoolean());
    }

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
        if (!callerWorks) requireGoingOn();
        int others = Math.min(size, count) - (callerWorks ? 1 : 0);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch working = new CountDownLatch(Math.max(0, others));
        for (int i = 0; i < others; i++)
            pool.execute(() -> {
                work(count, task, ((Worker) Thread.currentThread()).number, next, failure);
                working.countDown();
            });
        if (callerWorks) work(count, task, 0, next, failure);
        awaitAll(working);
        Throwable f = failure.get();
        if (f instanceof RuntimeException e) throw e;
        if (f instanceof Error e) throw e;
    }

    /**
     * @throws CancellationException if the decode was cancelled or the calling thread interrupted: for work between
     *         runs
     */
    public void requireGoingOn() {
        if (Thread.currentThread().isInterrupted() || cancelled.getAsBoolean())
            throw new CancellationException("the decode was cancelled");
    }

    private void work(int count, Task task, int worker, AtomicInteger next, AtomicReference<Throwable> failure) {
        try {
            for (int i; failure.get() == null && (i = next.getAndIncrement()) < count; ) {
                requireGoingOn();
                task.run(i, worker);
            }
        } catch (Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    /** Waits without giving in to interrupts: memory must not be freed under a worker's hands. */
    private static void awaitAll(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    @Override
    public void close() {
        if (pool != null) pool.shutdown();
    }
}
