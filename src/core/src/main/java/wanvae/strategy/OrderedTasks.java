package wanvae.strategy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import wanvae.runtime.Team;

/**
 * Runs tasks several at a time on one team. The layers of a small tile have too few blocks for many threads, and the
 * last blocks of any layer leave threads idle: idle threads then work for another task. Each task has the same number
 * of steps, and each step is taken in the order of the tasks, so that results do not depend on how many run at a time.
 */
final class OrderedTasks implements AutoCloseable {
    /** A task. */
    @FunctionalInterface
    interface Task {
        /**
         * Runs the task.
         *
         * @param task number of the task
         * @param lane number of the thread it runs on, for memory: no two tasks run in a lane at a time
         */
        void run(int task, int lane) throws IOException;
    }

    /** A step of a task. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private final int count;
    private final Team caller, team;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    /** For each step the number of the task whose turn it is. */
    private final int[] turns;

    private boolean compiled;

    /**
     * @param count the largest number of tasks at a time
     * @param team  the caller's team, which the caller does not use meanwhile
     * @param steps number of steps of each task
     */
    OrderedTasks(int count, Team team, int steps) {
        this.count = count;
        this.caller = team;
        this.team = count == 1 ? team : team.forSeveral(() -> failure.get() != null);
        this.turns = new int[steps];
    }

    /** The team that the tasks use. */
    Team team() {
        return team;
    }

    /**
     * Runs tasks 0 … tasks-1 and returns when all have ended; if one fails, the others are stopped. The very first task
     * goes alone: while the JVM is still compiling, several tasks would interpret the same code and take processors
     * from the compilers.
     */
    void run(int tasks, Task task) throws IOException {
        Arrays.fill(turns, 0);
        AtomicInteger next = new AtomicInteger();
        if (!compiled) work(task, next.getAndIncrement(), 0);
        compiled = true;
        List<Thread> others = new ArrayList<>();
        try {
            for (int i = 1; i < Math.min(count, tasks); i++) {
                int lane = i;
                others.add(Thread.ofPlatform()
                        .daemon()
                        .name("wanvae-tile-" + lane)
                        .start(() -> work(tasks, task, lane, next)));
            }
        } catch (OutOfMemoryError e) { // no more threads; those that run use the caller's memory and are waited for
            failure.compareAndSet(null, e);
        }
        work(tasks, task, 0, next);
        for (Thread other : others) join(other);
        switch (failure.get()) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }

    private void work(int tasks, Task task, int lane, AtomicInteger next) {
        for (int i; failure.get() == null && (i = next.getAndIncrement()) < tasks; ) work(task, i, lane);
    }

    private void work(Task task, int number, int lane) {
        try {
            task.run(number, lane);
        } catch (Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    /**
     * Waits for a lane to end. An interrupt stops the tasks but does not end the wait: the caller will free memory that
     * they still use.
     */
    private void join(Thread lane) {
        for (boolean interrupted = false; ; )
            try {
                lane.join();
                if (interrupted) Thread.currentThread().interrupt();
                return;
            } catch (InterruptedException e) {
                interrupted = true;
                failure.compareAndSet(null, new CancellationException("the decode was cancelled"));
            }
    }

    /** Takes a step of a task as soon as all earlier tasks have taken it. Every task must take every step. */
    void inTurn(int task, int step, Step what) throws IOException {
        synchronized (turns) {
            while (turns[step] != task) {
                team.requireGoingOn();
                try {
                    turns.wait(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        what.run();
        synchronized (turns) {
            turns[step]++;
            turns.notifyAll();
        }
    }

    @Override
    public void close() {
        if (team != caller) team.close();
    }
}
