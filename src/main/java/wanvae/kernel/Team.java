package wanvae.kernel;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
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

    private final int size;
    private final ExecutorService pool;
    private final BooleanSupplier cancelled;

    public Team(int size, BooleanSupplier cancelled) {
        if (size < 1) throw new IllegalArgumentException("a team needs at least 1 thread, not " + size);
        this.size = size;
        this.cancelled = cancelled;
        this.pool = size == 1 ? null
                : Executors.newFixedThreadPool(size - 1, Thread.ofPlatform().daemon().name("wanvae-", 1).factory());
    }

    public int size() {
        return size;
    }

    /**
     * Runs tasks 0 … count-1, each once, and returns when all have ended.
     *
     * @throws CancellationException if the decode was cancelled or the calling thread interrupted; tasks not begun are dropped
     */
    public void run(int count, Task task) {
        int workers = Math.min(size, count);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch others = new CountDownLatch(Math.max(0, workers - 1));
        for (int w = 1; w < workers; w++) {
            int worker = w;
            pool.execute(() -> {
                work(count, task, worker, next, failure);
                others.countDown();
            });
        }
        work(count, task, 0, next, failure);
        awaitAll(others);
        Throwable f = failure.get();
        if (f instanceof RuntimeException e) throw e;
        if (f instanceof Error e) throw e;
    }

    /** @throws CancellationException if the decode was cancelled or the calling thread interrupted: for work between runs */
    public void requireGoingOn() {
        if (Thread.currentThread().isInterrupted() || cancelled.getAsBoolean()) throw new CancellationException("the decode was cancelled");
    }

    private void work(int count, Task task, int worker, AtomicInteger next, AtomicReference<Throwable> failure) {
        try {
            for (int i; failure.get() == null && (i = next.getAndIncrement()) < count; ) {
                if (worker == 0 && Thread.currentThread().isInterrupted() || cancelled.getAsBoolean())
                    throw new CancellationException("the decode was cancelled");
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
