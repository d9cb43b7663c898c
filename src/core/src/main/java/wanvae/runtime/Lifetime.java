package wanvae.runtime;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The time from opening something that many threads use to freeing it. Each use holds a {@link Hold}; freeing waits for
 * all of them, and none is given out once the end has begun, so nothing is ever used after it was freed. Safe for
 * several threads.
 */
public final class Lifetime {
    /** One use; closing it ends the use. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition unused = lock.newCondition();
    private int holds;
    private boolean ending, freed;
    private volatile boolean cancelled;

    /** @param name what messages call it, as in "this VAE" */
    public Lifetime(String name) {
        this.name = name;
    }

    /**
     * Begins a use.
     *
     * @throws IllegalStateException if the end has begun
     */
    public Hold hold() {
        lock.lock();
        try {
            if (ending) throw new IllegalStateException(name + " is closed");
            holds++;
        } finally {
            lock.unlock();
        }
        return this::release;
    }

    private void release() {
        lock.lock();
        try {
            if (--holds == 0) unused.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether its uses are asked to stop. */
    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * Ends it: waits for all uses, then frees. A thread that is interrupted while it waits cancels the uses, goes on
     * waiting and stays interrupted. Where several threads call this, one of them frees and all return afterwards;
     * later calls do nothing.
     *
     * @param cancel whether uses are asked to stop ({@link #isCancelled})
     * @param free   run once, when nothing uses it any more
     * @throws IllegalStateException if this thread runs a callback of a use, which the end would wait for; nothing has
     *         happened then
     */
    public void end(boolean cancel, Runnable free) {
        if (Callbacks.runningIn(this))
            throw new IllegalStateException(name + " cannot be closed from a sink, listener or cancellation check of a"
                    + " decode that uses it, because closing waits for that decode");
        boolean interrupted = false;
        lock.lock();
        try {
            ending = true;
            if (cancel) cancelled = true;
            while (holds > 0)
                try {
                    unused.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                    cancelled = true;
                }
            if (freed) return;
            freed = true;
            free.run();
        } finally {
            lock.unlock();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
