package wanvae.workers;

import java.util.concurrent.ThreadFactory;
import wanvae.runtime.WorkerPool;

/**
 * A pool of threads that any number of decodes share, so that a server's arithmetic never runs on more threads than
 * this. Hand it to {@code DecodeOptions.withWorkers} and {@code OpenOptions.withWorkers}.
 *
 * <p>The thread that calls a decode then only waits for the workers. A worker that one decode has no task for takes a
 * task of another one; while several have tasks, each gets its turn, task by task (a task takes milliseconds). The
 * result of a decode has the same bits whatever else runs on the pool. The sink of each decode is called from a thread
 * of its own, as without a pool.
 *
 * <p>Every decode takes scratch memory for each worker: {@code DecodePlan.memory} counts {@link #size} threads. Safe
 * for use from several threads.
 */
public final class Workers implements AutoCloseable {
    static {
        WorkerPool.reachBy(workers -> ((Workers) workers).pool);
    }

    private final WorkerPool pool;

    private Workers(WorkerPool pool) {
        this.pool = pool;
    }

    /**
     * Starts a pool of daemon threads.
     *
     * @param size the number of threads, at least 1; more than the machine has processors gain nothing
     * @throws IllegalArgumentException if {@code size} is less than 1
     */
    public static Workers of(int size) {
        return of(
                size,
                Thread.ofPlatform()
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .name("wanvae-worker-", 0)
                        .factory());
    }

    /**
     * Starts a pool of threads that the caller's factory makes: it chooses names, priority, and whether they are
     * daemons, which let the JVM end while they wait.
     *
     * @param size    the number of threads, at least 1
     * @param factory called {@code size} times, at once; each of its threads runs until the pool is closed
     * @throws IllegalArgumentException if {@code size} is less than 1 or the factory returns null
     */
    public static Workers of(int size, ThreadFactory factory) {
        if (size < 1) throw new IllegalArgumentException("a pool needs at least 1 thread, not " + size);
        return new Workers(new WorkerPool(size, 0, factory, "this pool of workers"));
    }

    /** The number of threads. */
    public int size() {
        return pool.size();
    }

    /**
     * Ends the pool. Decodes that begin from now on get an {@link IllegalStateException}; those that run are finished
     * first, then the threads end, and this returns. If the calling thread is interrupted while it waits, the running
     * decodes are cancelled; this returns when they have ended, and the thread stays interrupted. Closing again does
     * nothing.
     *
     * @throws IllegalStateException if called by a sink, listener or cancellation check of a decode on this pool, which
     *         this would wait for
     */
    @Override
    public void close() {
        pool.close();
    }
}
