package wanvae.strategy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import wanvae.runtime.Team;

@Timeout(60)
class OrderedTasksTest {
    @Test
    void stepsComeInTheOrderOfTasks() throws IOException {
        for (int count = 1; count <= 4; count++)
            try (Team team = new Team(2, () -> false);
                    OrderedTasks tasks = new OrderedTasks(count, team, 3)) {
                List<Integer> taken = Collections.synchronizedList(new ArrayList<>());
                AtomicInteger working = new AtomicInteger(), most = new AtomicInteger();
                for (int again = 0; again < 2; again++)
                    tasks.run(5, (task, lane) -> {
                        for (int step = 0; step < 3; step++) {
                            tasks.team().run(7, (i, worker) -> {
                                most.accumulateAndGet(working.incrementAndGet(), Math::max);
                                Thread.yield();
                                working.decrementAndGet();
                            });
                            int s = step;
                            tasks.inTurn(task, step, () -> taken.add(10 * s + task));
                        }
                    });
                assertEquals(30, taken.size());
                for (int step = 0; step < 3; step++) {
                    int s = step;
                    assertEquals(
                            List.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
                            taken.stream()
                                    .filter(t -> t / 10 == s)
                                    .map(t -> t % 10)
                                    .toList());
                }
                assertTrue(most.get() <= 2, most + " workers at a time");
            }
    }

    @Test
    void aFailureStopsTheOthersAndIsTheOneThatIsThrown() {
        IOException full = new IOException("No space left on device");
        try (Team team = new Team(2, () -> false);
                OrderedTasks tasks = new OrderedTasks(3, team, 1)) {
            assertDoesNotThrow(() -> tasks.run(1, (task, lane) -> {}));
            assertSame(
                    full,
                    assertThrows(
                            IOException.class,
                            () -> tasks.run(9, (task, lane) -> {
                                if (task == 2) throw full;
                                tasks.inTurn(task, 0, () -> {
                                    while (true) tasks.team().run(3, (i, worker) -> Thread.yield());
                                });
                            })));
        }
    }

    @Test
    void interruptingTheCallerStopsAllTasks() {
        for (boolean callerIsDone : new boolean[] {false, true})
            try (Team team = new Team(2, () -> false);
                    OrderedTasks tasks = new OrderedTasks(2, team, 1)) {
                assertDoesNotThrow(() -> tasks.run(1, (task, lane) -> {}));
                Thread caller = Thread.currentThread();
                CountDownLatch begun = new CountDownLatch(2);
                assertThrows(
                        CancellationException.class,
                        () -> tasks.run(2, (task, lane) -> {
                            begun.countDown();
                            while (begun.getCount() > 0) Thread.onSpinWait();
                            if (callerIsDone && Thread.currentThread() == caller) return;
                            caller.interrupt();
                            while (true) tasks.team().run(3, (i, worker) -> Thread.yield());
                        }));
                assertTrue(Thread.interrupted());
            }
    }
}
