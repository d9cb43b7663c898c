package wanvae.decode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import wanvae.runtime.Team;

/**
 * Runs tasks several at a time, each in a lane: a thread that hands its work to one team. A small tile's layers have
 * too few blocks for many threads, and of any layer the last blocks leave some of them idle; those work for another
 * lane meanwhile. What the tasks make is taken in their order, step by step, so that results do not depend on the
 * number of lanes.
 */
final class Lanes implements AutoCloseable {
    /** What a lane runs. */
    @FunctionalInterface
    interface Task {
        void run(int task, int lane) throws IOException;
    }

    /** What a task does in its turn. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private final int count;
    private final Team caller, team;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    /** For each step the task whose turn it is. */
    private final int[] turns;

    private boolean compiled;

    /**
     * @param count lanes
     * @param team  stays the caller's, and does nothing else meanwhile
     * @param steps of each task
     */
    Lanes(int count, Team team, int steps) {
        this.count = count;
        this.caller = team;
        this.team = count == 1 ? team : team.forSeveral(() -> failure.get() != null);
        this.turns = new int[steps];
    }

    /** The team that the lanes call. */
    Team team() {
        return team;
    }

    /**
     * Runs tasks 0 … tasks-1 and returns when all have ended; where one fails, the others are stopped. The very first
     * one goes alone: while the JVM is still compiling, several would take processors from it to interpret the same
     * code.
     */
    void run(int tasks, Task task) throws IOException {
        Arrays.fill(turns, 0);
        AtomicInteger next = new AtomicInteger();
        if (!compiled) work(task, next.getAndIncrement(), 0);
        compiled = true;
        List<Thread> others = new ArrayList<>();
        for (int i = 1; i < Math.min(count, tasks); i++) {
            int lane = i;
            others.add(Thread.ofPlatform()
                    .daemon()
                    .name("wanvae-lane-" + lane)
                    .start(() -> work(tasks, task, lane, next)));
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

    /** Waits without giving in to interrupts, which stop the lanes: memory must not be freed under their hands. */
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

    /** Takes a step of a task when that of the task before it is taken; every task takes every step. */
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
