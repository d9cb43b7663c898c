package wanvae.workers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import wanvae.OpenOptions;
import wanvae.decode.DecodeOptions;

@Timeout(60)
class WorkersTest {
    @Test
    void startsThreadsOfTheFactoryAndEndsThem() {
        List<Thread> made = new ArrayList<>();
        Workers workers = Workers.of(3, work -> {
            made.add(Thread.ofPlatform().name("mine-" + made.size()).unstarted(work));
            return made.getLast();
        });
        assertEquals(3, workers.size());
        assertEquals(3, made.size());
        for (Thread thread : made) assertTrue(thread.isAlive());
        workers.close();
        for (Thread thread : made) assertFalse(thread.isAlive());
        workers.close();
    }

    @Test
    void ofItselfStartsDaemons() {
        try (Workers workers = Workers.of(2)) {
            List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().matches("wanvae-worker-[01]"))
                    .toList();
            assertEquals(2, threads.size());
            for (Thread thread : threads) assertTrue(thread.isDaemon());
            assertEquals(2, workers.size());
        }
    }

    @Test
    void refusesNoThreads() {
        assertThrows(IllegalArgumentException.class, () -> Workers.of(0));
        assertThrows(IllegalArgumentException.class, () -> Workers.of(2, work -> null));
    }

    @Test
    void optionsCountThem() {
        try (Workers workers = Workers.of(3)) {
            DecodeOptions decode = DecodeOptions.DEFAULT.withWorkers(workers);
            assertEquals(3, decode.threads());
            assertEquals(workers, decode.workers().orElseThrow());
            assertEquals(3, decode.withClamp(false).threads());
            assertTrue(decode.withThreads(2).workers().isEmpty());
            assertEquals(2, decode.withThreads(2).threads());
            OpenOptions open = OpenOptions.DEFAULT.withWorkers(workers);
            assertEquals(3, open.threads());
            assertTrue(open.withThreads(3).workers().isEmpty());
        }
    }
}
