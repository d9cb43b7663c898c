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
 * Decides which requests may work, and with how much memory. Requests start in the order in which their bodies were
 * complete, a few at a time. Those that have started get memory in the order in which they started. When too many
 * requests wait, further ones are refused. Safe for use by several threads.
 */
final class Admission {
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int LONGEST_RETRY = 600;

    /** Kinds of work. Requests of one kind do not wait for those of another. */
    enum Lane {
        /** Work that may take minutes on all threads. */
        LONG,
        /** Work that takes milliseconds. */
        QUICK
    }

    private final int slots;
    private final int most;
    private final long budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Lane, List<Ticket>> complete = new EnumMap<>(Lane.class);
    private final Map<Lane, List<Ticket>> started = new EnumMap<>(Lane.class);
    /** Tickets that have memory or wait for it, in the order in which they started. */
    private final List<Ticket> inLine = new ArrayList<>();

    private int joined;
    private long reserved;
    /** Recent average of the seconds that a request of the lane LONG worked. */
    private double seconds = 1;

    /**
     * @param slots  requests of the lane LONG that work at a time
     * @param queue  requests that may wait
     * @param budget bytes of memory that all requests together may reserve
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

    /** Bytes of memory that all requests together may reserve. */
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

    /** The number of requests that work. */
    int working() {
        lock.lock();
        try {
            return workingNow();
        } finally {
            lock.unlock();
        }
    }

    /** The number of requests that wait, or whose body is being read. */
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

    /**
     * A request's place in the queue, then among those that work. It is closed when the work is done, and used by one
     * thread at a time.
     */
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
         * Gives back the memory that this ticket has, then waits until {@code wanted} bytes are free. The first in line
         * also proceeds with less if no other ticket has any memory.
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

        /** Whether every ticket that started earlier has its memory. */
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

        /** Seconds that this request has waited for its turn and for memory. */
        double waitedSeconds() {
            return waitedNanos / 1e9;
        }

        /** Leaves the queue and gives back the memory. */
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
