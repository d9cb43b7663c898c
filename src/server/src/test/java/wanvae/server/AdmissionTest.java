package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import wanvae.server.Admission.Lane;
import wanvae.server.Admission.Ticket;

class AdmissionTest {
    private static CompletableFuture<Void> later(Runnable work) {
        return CompletableFuture.runAsync(work, task -> Thread.ofVirtual().start(task));
    }

    private static void assertWaits(CompletableFuture<?> work) throws InterruptedException {
        Thread.sleep(50);
        assertFalse(work.isDone());
    }

    @Test
    void soManyWorkSoManyWaitAndNoMore() throws Exception {
        Admission admission = new Admission(1, 1, 100);
        Ticket first = admission.join(Lane.LONG), second = admission.join(Lane.LONG);
        Problem busy = assertThrows(Problem.class, () -> admission.join(Lane.LONG));
        assertEquals(503, busy.status());
        assertTrue(busy.retrySeconds().getAsInt() > 0);
        first.start(() -> false);
        assertEquals(1, admission.working());
        assertEquals(1, admission.waiting());
        CompletableFuture<Void> waiting = later(() -> second.start(() -> false));
        assertWaits(waiting);
        first.close();
        first.close();
        waiting.get(10, TimeUnit.SECONDS);
        admission.join(Lane.LONG).close();
        second.close();
        assertEquals(0, admission.working() + admission.waiting());
    }

    @Test
    void theyStartInTheOrderInWhichTheyWereComplete() throws Exception {
        Admission admission = new Admission(1, 9, 100);
        Ticket running = admission.join(Lane.LONG);
        running.start(() -> false);
        var order = new ArrayList<Integer>();
        var all = new ArrayList<CompletableFuture<Void>>();
        List<Ticket> tickets =
                IntStream.range(0, 5).mapToObj(i -> admission.join(Lane.LONG)).toList();
        for (int i = 4; i >= 0; i--) { // the last to come is the first whose body is there
            int number = i;
            all.add(later(() -> {
                tickets.get(number).start(() -> false);
                order.add(number);
                tickets.get(number).close();
            }));
            Thread.sleep(30);
        }
        running.close();
        for (CompletableFuture<Void> one : all) one.get(10, TimeUnit.SECONDS);
        assertEquals(List.of(4, 3, 2, 1, 0), order);
    }

    @Test
    void memoryIsGivenInOrderAndNeverTwice() throws Exception {
        Admission admission = new Admission(3, 0, 100);
        List<Ticket> tickets =
                IntStream.range(0, 3).mapToObj(i -> admission.join(Lane.LONG)).toList();
        for (Ticket ticket : tickets) ticket.start(() -> false);
        tickets.get(0).reserve(60, () -> false);
        CompletableFuture<Void> large = later(() -> tickets.get(1).reserve(80, () -> false));
        assertWaits(large);
        CompletableFuture<Void> small = later(() -> tickets.get(2).reserve(10, () -> false));
        assertWaits(small); // it would fit, but the large one is before it
        assertEquals(60, admission.reserved());
        tickets.get(0).close();
        large.get(10, TimeUnit.SECONDS);
        small.get(10, TimeUnit.SECONDS);
        assertEquals(90, admission.reserved());
        tickets.get(1).reserve(20, () -> false);
        assertEquals(30, admission.reserved());
        tickets.forEach(Ticket::close);
        assertEquals(0, admission.reserved());
    }

    @Test
    void whoIsCancelledLeavesTheLine() throws Exception {
        Admission admission = new Admission(2, 2, 100);
        Ticket first = admission.join(Lane.LONG), second = admission.join(Lane.LONG), third = admission.join(Lane.LONG);
        first.start(() -> false);
        second.start(() -> false);
        assertThrows(CancellationException.class, () -> third.start(() -> true));
        first.reserve(100, () -> false);
        assertThrows(CancellationException.class, () -> second.reserve(1, () -> true));
        for (Ticket ticket : List.of(first, second, third)) ticket.close();
        assertEquals(0, admission.waiting());
    }

    @Test
    void quickOnesDoNotWaitForLongOnes() {
        Admission admission = new Admission(1, 3, 100);
        Ticket running = admission.join(Lane.LONG);
        running.start(() -> false);
        running.reserve(50, () -> false);
        Ticket quick = admission.join(Lane.QUICK);
        quick.start(() -> false);
        quick.reserve(1, () -> false);
        quick.close();
        running.close();
    }

    /** Many at once: nobody is forgotten, and the budget holds all the time. */
    @Test
    void manyAtOnce() throws Exception {
        Admission admission = new Admission(4, 1000, 100);
        var held = new AtomicLong();
        var most = new AtomicLong();
        var done = new Semaphore(0);
        for (int i = 0; i < 500; i++) {
            long bytes = 1 + i * 37 % 90;
            later(() -> {
                try (Ticket ticket = admission.join(Lane.LONG)) {
                    ticket.start(() -> false);
                    ticket.reserve(bytes, () -> false);
                    most.accumulateAndGet(held.addAndGet(bytes), Math::max);
                    Thread.yield();
                    held.addAndGet(-bytes);
                }
                done.release();
            });
        }
        assertTrue(done.tryAcquire(500, 60, TimeUnit.SECONDS));
        assertTrue(most.get() <= 100, most + " at once");
        assertEquals(0, admission.reserved());
    }
}
