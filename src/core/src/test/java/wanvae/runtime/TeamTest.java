package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Teams with threads of their own and on shared workers. */
@Timeout(60)
class TeamTest {
    private static WorkerPool pool(int size) {
        return new WorkerPool(size, 0, WorkerPool.daemons("test-pool-", 0), "this pool");
    }

    private static List<Thread> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .toList();
    }

    /** Starts something on a thread of its own and hands out what it throws. */
    private static final class Caller {
        private final Thread thread;
        private volatile Throwable thrown;

        Caller(Runnable what) {
            thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    what.run();
                } catch (Throwable e) {
                    thrown = e;
                }
            });
        }

        Throwable join() throws InterruptedException {
            thread.join();
            return thrown;
        }
    }

    @Test
    void everyTaskRunsOnceOnAWorkerOfItsNumber() {
        for (int size : new int[] {1, 2, 3, 7})
            try (WorkerPool pool = pool(size);
                    Team own = new Team(size, () -> false);
                    Team several = own.forSeveral(() -> false);
                    Team shared = new Team(pool, () -> false)) {
                for (Team team : List.of(own, several, shared)) {
                    assertEquals(size, team.size());
                    for (int count : new int[] {0, 1, 2, 5, 100}) {
                        AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, count));
                        Set<Thread>[] threads = sets(size);
                        team.run(count, (task, worker) -> {
                            runs.incrementAndGet(task);
                            threads[worker].add(Thread.currentThread());
                        });
                        for (int i = 0; i < count; i++) assertEquals(1, runs.get(i));
                        for (Set<Thread> worker : threads) assertTrue(worker.size() <= 1);
                    }
                }
            }
        assertEquals(List.of(), threads("test-pool-"));
        assertEquals(List.of(), threads("wanvae-"));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Set<Thread>[] sets(int count) {
        Set[] sets = new Set[count];
        Arrays.setAll(sets, i -> ConcurrentHashMap.newKeySet());
        return sets;
    }

    @Test
    void theCallerOfSharedWorkersOnlyWaits() {
        try (WorkerPool pool = pool(2);
                Team team = new Team(pool, () -> false)) {
            Set<Thread> workers = ConcurrentHashMap.newKeySet();
            team.run(50, (task, worker) -> workers.add(Thread.currentThread()));
            assertFalse(workers.contains(Thread.currentThread()));
            assertTrue(threads("test-pool-").containsAll(workers));
        }
    }

    /** Two callers with long runs on one worker: neither waits for the end of the other. */
    @Test
    void runsTakeTurnsTaskByTask() throws InterruptedException {
        try (WorkerPool pool = pool(1)) {
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
            Caller first = new Caller(() -> new Team(pool, () -> false).run(20, (task, worker) -> {
                begun.countDown();
                await(go);
                order.add(0);
            }));
            begun.await();
            Caller[] others = new Caller[2];
            for (int i = 0; i < 2; i++) {
                int number = i + 1;
                others[i] = new Caller(() -> new Team(pool, () -> false).run(20, (task, worker) -> order.add(number)));
                while (others[i].thread.getState() != Thread.State.TIMED_WAITING) Thread.sleep(1);
            }
            go.countDown();
            assertEquals(null, first.join());
            for (Caller other : others) assertEquals(null, other.join());
            assertEquals(60, order.size());
            for (int i = 0; i + 3 <= 57; i += 3)
                assertEquals(Set.of(0, 1, 2), new HashSet<>(order.subList(i + 1, i + 4)), order.toString());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void neverMoreWorkersThanThePoolHas() throws InterruptedException {
        try (WorkerPool pool = pool(3)) {
            AtomicInteger working = new AtomicInteger(), most = new AtomicInteger(), done = new AtomicInteger();
            Caller[] callers = new Caller[8];
            for (int i = 0; i < callers.length; i++)
                callers[i] = new Caller(() -> {
                    Team team = new Team(pool, () -> false);
                    for (int run = 0; run < 200; run++)
                        team.run(1 + run % 7, (task, worker) -> {
                            most.accumulateAndGet(working.incrementAndGet(), Math::max);
                            done.incrementAndGet();
                            if (task == 3) Thread.yield();
                            working.decrementAndGet();
                        });
                });
            for (Caller caller : callers) assertEquals(null, caller.join());
            int expected = 0;
            for (int run = 0; run < 200; run++) expected += 8 * (1 + run % 7);
            assertEquals(expected, done.get());
            assertTrue(most.get() <= 3, most + " workers at a time");
        }
    }

    @Test
    void aFailureGoesToItsCallerAndToNobodyElse() throws InterruptedException {
        try (WorkerPool pool = pool(2)) {
            AtomicBoolean go = new AtomicBoolean();
            AtomicInteger done = new AtomicInteger();
            Caller fine = new Caller(() -> {
                Team team = new Team(pool, () -> false);
                for (int run = 0; run < 50; run++) team.run(40, (task, worker) -> done.incrementAndGet());
            });
            Team team = new Team(pool, () -> false);
            for (Throwable bad : new Throwable[] {new IllegalStateException("mine"), new StackOverflowError("mine")}) {
                AtomicInteger after = new AtomicInteger();
                Throwable thrown = assertThrows(
                        bad.getClass(),
                        () -> team.run(1000, (task, worker) -> {
                            if (task == 5)
                                switch (bad) {
                                    case RuntimeException e -> throw e;
                                    case Error e -> throw e;
                                    default -> throw new AssertionError();
                                }
                            after.incrementAndGet();
                        }));
                assertSame(bad, thrown);
                assertTrue(after.get() < 1000);
            }
            go.set(true);
            assertEquals(null, fine.join());
            assertEquals(2000, done.get());
            team.run(3, (task, worker) -> {});
        }
    }

    @Test
    void cancellingDropsTheTasksNotBegun() {
        try (WorkerPool pool = pool(2)) {
            AtomicInteger done = new AtomicInteger();
            for (Team team : List.of(new Team(pool, () -> done.get() >= 10), new Team(3, () -> done.get() >= 10))) {
                done.set(0);
                assertThrows(
                        CancellationException.class, () -> team.run(1000, (task, worker) -> done.incrementAndGet()));
                assertTrue(done.get() >= 10 && done.get() <= 13, done.toString());
                team.close();
            }
        }
    }

    /** The caller asks too: its workers may be busy with others for long. */
    @Test
    void aWaitingCallerAsksWhetherItIsCancelled() throws InterruptedException {
        try (WorkerPool pool = pool(1)) {
            CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
            Caller busy = new Caller(() -> new Team(pool, () -> false).run(1, (task, worker) -> {
                begun.countDown();
                await(go);
            }));
            begun.await();
            long start = System.nanoTime();
            assertThrows(
                    CancellationException.class,
                    () -> new Team(pool, () -> System.nanoTime() - start > 50_000_000).run(5, (task, worker) -> {
                        throw new AssertionError("cancelled before it began");
                    }));
            go.countDown();
            assertEquals(null, busy.join());
        }
    }

    @Test
    void anInterruptedCallerIsCancelledButWaitsForItsTasks() throws InterruptedException {
        try (WorkerPool pool = pool(2);
                Team own = new Team(2, () -> false);
                Team shared = new Team(pool, () -> false)) {
            for (Team team : List.of(own, shared)) {
                Thread caller = Thread.currentThread();
                AtomicInteger running = new AtomicInteger(), begun = new AtomicInteger();
                assertThrows(
                        CancellationException.class,
                        () -> team.run(100, (task, worker) -> {
                            running.incrementAndGet();
                            if (begun.incrementAndGet() == 2) caller.interrupt();
                            long end = System.nanoTime() + 20_000_000;
                            while (System.nanoTime() < end) Thread.onSpinWait();
                            running.decrementAndGet();
                        }));
                assertEquals(0, running.get());
                assertTrue(begun.get() < 100);
                assertTrue(Thread.interrupted());
            }
        }
    }

    /** A stray interrupt of a thread that the caller's factory made is nobody's cancellation. */
    @Test
    void interruptingAWorkerDoesNothing() {
        List<Thread> made = new ArrayList<>();
        try (WorkerPool pool = new WorkerPool(
                        2,
                        0,
                        work -> {
                            Thread thread = Thread.ofPlatform().daemon().unstarted(work);
                            made.add(thread);
                            return thread;
                        },
                        "this pool");
                Team team = new Team(pool, () -> false)) {
            for (int i = 0; i < 20; i++) {
                made.forEach(Thread::interrupt);
                AtomicInteger done = new AtomicInteger();
                team.run(10, (task, worker) -> done.incrementAndGet());
                assertEquals(10, done.get());
            }
        }
        for (Thread thread : made) assertFalse(thread.isAlive());
    }

    @Test
    void aFactoryThatFailsLeavesNoThread() {
        for (boolean fails : new boolean[] {false, true}) {
            AtomicInteger made = new AtomicInteger();
            Throwable thrown = assertThrows(
                    Throwable.class,
                    () -> new WorkerPool(
                            4,
                            0,
                            work -> {
                                if (made.incrementAndGet() < 3)
                                    return Thread.ofPlatform()
                                            .daemon()
                                            .name("test-pool-")
                                            .unstarted(work);
                                if (fails) throw new OutOfMemoryError("no more threads");
                                return null;
                            },
                            "this pool"));
            assertTrue(fails ? thrown instanceof OutOfMemoryError : thrown instanceof IllegalArgumentException);
            assertEquals(List.of(), threads("test-pool-"));
        }
    }
}
