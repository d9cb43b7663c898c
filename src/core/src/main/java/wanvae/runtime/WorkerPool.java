package wanvae.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Threads on which several callers run tasks. Callers block until their tasks are done; an idle worker takes another
 * caller's task. While several runs have tasks left, a worker takes one task of each in turn; a single run shares out
 * its tasks by a counter, without a lock. No thread ever waits actively.
 */
public final class WorkerPool implements AutoCloseable {
    /** How often a caller that only waits asks whether its decode was cancelled. */
    private static final long ASK_NANOS = 100_000_000;

    /** Finds the pool inside the object by which users hold it; set by that object's class. */
    private static volatile Function<Object, WorkerPool> reach;

    private final int size;
    private final Lifetime lifetime;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled for workers: there are tasks, or the end has come. */
    private final Condition tasks = lock.newCondition();
    /** Runs with tasks left, the one whose turn it is first. */
    private final ArrayDeque<ParallelRun> runs = new ArrayDeque<>();
    /** The size of {@link #runs}, for workers that do not hold the lock. */
    private volatile int active;

    private boolean ending;

    /**
     * Starts the threads.
     *
     * @param first number of the first worker; the others follow
     * @param name  what messages call the pool, as in "this pool"
     * @throws IllegalArgumentException if the factory makes no thread; those already started have ended then
     */
    public WorkerPool(int size, int first, ThreadFactory factory, String name) {
        this.size = size;
        this.lifetime = new Lifetime(name);
        try {
            for (int i = 0; i < size; i++) {
                int number = first + i;
                Thread thread = factory.newThread(() -> work(number));
                if (thread == null) throw new IllegalArgumentException("the thread factory made no thread");
                thread.start();
                threads.add(thread);
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** Daemon threads of this name and the worker's number. */
    static ThreadFactory daemons(String name, int first) {
        return Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name(name, first)
                .factory();
    }

    /** Tells how to find the pool in the exported class that hides it. */
    public static void reachBy(Function<Object, WorkerPool> way) {
        reach = way;
    }

    /** The pool inside an object of the class that {@link #reachBy} was called by. */
    public static WorkerPool of(Object workers) {
        return reach.apply(workers);
    }

    public int size() {
        return size;
    }

    /** Held by every decode that runs here: closing waits for it. */
    public Lifetime lifetime() {
        return lifetime;
    }

    /**
     * Runs tasks 0 … count-1, each once, and returns when all have ended.
     *
     * @param working   whether the calling thread takes tasks too, as worker 0, or only waits
     * @param cancelled asked before each task, by the thread that is to run it, and now and then by a waiting caller
     */
    void run(int count, Team.Task task, boolean working, BooleanSupplier cancelled) {
        ParallelRun run = new ParallelRun(count, task, cancelled, lock.newCondition());
        start(run, working ? count - 1 : count);
        while (working && run.step(0))
            ;
        boolean interrupted = false;
        while (true)
            try {
                if (ended(run)) break;
                run.stopIfCancelled();
            } catch (InterruptedException e) { // the run is still waited for: its tasks use the caller's memory
                interrupted = true;
                run.fail(Team.cancellation());
            }
        if (interrupted) Thread.currentThread().interrupt();
        run.rethrow();
    }

    private void start(ParallelRun run, int wanted) {
        lock.lock();
        try {
            if (ending) throw new IllegalStateException("the pool has ended");
            runs.add(run);
            active = runs.size();
            for (int i = 0; i < Math.min(wanted, size); i++) tasks.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits a while for the end of a run; afterwards no worker will take a task of it. */
    private boolean ended(ParallelRun run) throws InterruptedException {
        lock.lock();
        try {
            long left = ASK_NANOS;
            while (run.workers > 0 || run.hasNext()) {
                if (left <= 0) return false;
                left = run.left.awaitNanos(left);
            }
            if (runs.remove(run)) active = runs.size();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void work(int number) {
        ParallelRun run = null;
        while ((run = next(run)) != null) {
            // A single run needs no turns.
            while (run.step(number) && active == 1)
                ;
        }
    }

    /** Leaves a run, and waits for the next one whose turn it is; null at the end of the pool. */
    private ParallelRun next(ParallelRun left) {
        lock.lock();
        try {
            if (left != null && --left.workers == 0 && !left.hasNext()) left.left.signal();
            while (true) {
                for (ParallelRun run; (run = runs.poll()) != null; ) {
                    if (run.hasNext()) {
                        runs.add(run);
                        run.workers++;
                        return run;
                    }
                    active = runs.size();
                }
                if (ending) return null;
                tasks.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until {@link #lifetime} is held no more, then ends the threads and waits for them.
     *
     * @throws IllegalStateException as in {@link Lifetime#end}
     */
    @Override
    public void close() {
        lifetime.end(false, this::stop);
    }

    private void stop() {
        lock.lock();
        try {
            ending = true;
            tasks.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread thread : threads)
            while (true)
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
