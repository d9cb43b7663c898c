package wanvae.server;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Who may work, and with how much memory. Requests that are complete start in the order in which they became so, a few
 * at a time; those that have started get memory in the order in which they started. Beyond a number of requests that
 * wait, further ones are refused. Safe from several threads.
 */
final class Admission {
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int LONGEST_RETRY = 600;

    /** Kinds of work, which do not wait for each other. */
    enum Lane {
        /** Minutes on all threads. */
        LONG,
        /** Milliseconds. */
        QUICK
    }

    private final int slots;
    private final int most;
    private final long budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Lane, List<Ticket>> complete = new EnumMap<>(Lane.class);
    private final Map<Lane, List<Ticket>> started = new EnumMap<>(Lane.class);
    /** Tickets that wait for memory, or have it, in the order in which they started. */
    private final List<Ticket> inLine = new ArrayList<>();

    private int joined;
    private long reserved;
    /** How long a long one worked, on average lately. */
    private double seconds = 1;

    /**
     * @param slots  long ones that work at a time
     * @param queue  requests that may wait
     * @param budget bytes of memory that all together may reserve
     */
    Admission(int slots, int queue, long budget) {
        this.slots = slots;
        this.most = slots + queue;
        this.budget = budget;
        for (Lane lane : Lane.values()) {
            complete.put(lane, new ArrayList<>());
            started.put(lane, new ArrayList<>());
        }
    }

    /** Bytes of memory that all together may reserve. */
    long budget() {
        return budget;
    }

    /** Bytes of memory that are reserved. */
    long reserved() {
        lock.lock();
        try {
            return reserved;
        } finally {
            lock.unlock();
        }
    }

    /** Requests that work. */
    int working() {
        lock.lock();
        try {
            return workingNow();
        } finally {
            lock.unlock();
        }
    }

    /** Requests that wait, or whose body is being read. */
    int waiting() {
        lock.lock();
        try {
            return joined - workingNow();
        } finally {
            lock.unlock();
        }
    }

    private int workingNow() {
        return started.values().stream().mapToInt(List::size).sum();
    }

    /**
     * Joins the queue, before the body is read.
     *
     * @throws Problem if too many wait already
     */
    Ticket join(Lane lane) {
        lock.lock();
        try {
            if (joined >= most)
                throw Problem.busy(
                        "This server is busy: " + workingNow() + " requests are worked on and "
                                + (joined - workingNow()) + " wait, and no more may.",
                        retrySeconds());
            joined++;
            return new Ticket(lane);
        } finally {
            lock.unlock();
        }
    }

    private int retrySeconds() {
        return (int) Math.clamp(Math.ceil(seconds * joined / slots), 1, LONGEST_RETRY);
    }

    /** A place in the queue, then among those that work; closed when the work is done. Of one thread at a time. */
    final class Ticket implements AutoCloseable {
        private final Lane lane;
        private long startedNanos, waitedNanos;
        private long bytes;
        private boolean closed;

        private Ticket(Lane lane) {
            this.lane = lane;
        }

        /**
         * Waits until the work may start.
         *
         * @throws CancellationException if cancelled or interrupted while it waits
         */
        void start(BooleanSupplier cancelled) {
            lock.lock();
            try {
                List<Ticket> queue = complete.get(lane), running = started.get(lane);
                queue.add(this);
                try {
                    await(
                            () -> queue.getFirst() == this && running.size() < (lane == Lane.LONG ? slots : 1),
                            cancelled);
                } finally {
                    queue.remove(this);
                    changed.signalAll();
                }
                running.add(this);
                inLine.add(this);
                startedNanos = System.nanoTime();
            } finally {
                lock.unlock();
            }
        }

        /**
         * Gives back the memory it has and waits until there is that much. The first in line also gets it when there is
         * less, but nobody else has any.
         *
         * @param wanted at most the budget
         * @throws CancellationException if cancelled or interrupted while it waits
         */
        void reserve(long wanted, BooleanSupplier cancelled) {
            lock.lock();
            try {
                giveBack();
                await(() -> isNext() && (reserved + wanted <= budget || reserved == 0), cancelled);
                bytes = wanted;
                reserved += wanted;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Nobody who started earlier is without memory. */
        private boolean isNext() {
            for (Ticket other : inLine) {
                if (other == this) return true;
                if (other.bytes == 0) return false;
            }
            throw new IllegalStateException("the ticket is closed");
        }

        private void giveBack() {
            reserved -= bytes;
            bytes = 0;
            changed.signalAll();
        }

        private void await(BooleanSupplier turn, BooleanSupplier cancelled) {
            long start = System.nanoTime();
            try {
                while (!turn.getAsBoolean()) {
                    if (cancelled.getAsBoolean()) throw new CancellationException("cancelled while it waited");
                    changed.awaitNanos(ASK_NANOS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while it waited");
            } finally {
                waitedNanos += System.nanoTime() - start;
            }
        }

        /** Seconds it has waited for its turn and for memory. */
        double waitedSeconds() {
            return waitedNanos / 1e9;
        }

        /** Leaves, and gives back what it has. */
        @Override
        public void close() {
            lock.lock();
            try {
                if (closed) return;
                closed = true;
                if (started.get(lane).remove(this) && lane == Lane.LONG)
                    seconds += ((System.nanoTime() - startedNanos) / 1e9 - seconds) / 4;
                inLine.remove(this);
                giveBack();
                joined--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
