package wanvae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import wanvae.kernel.KernelWarmUp;

/** Its thread ends, and no kernel fails in it, where nobody would notice. */
class WarmUpTest {
    @Test
    void everyKernelRunsUntilAllAreCompiled() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> KernelWarmUp.compile(() -> false));
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> KernelWarmUp.compileTiny(() -> false));
    }

    @Test
    @SuppressWarnings("try") // closed on purpose before its end
    void isSharedAndEndsWhenAllHaveClosedIt() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (int again = 0; again < 2; again++)
                try (WarmUp first = WarmUp.begin();
                        WarmUp second = WarmUp.begin()) {
                    assertTrue(threads() <= 1);
                    boolean running = first.isRunning();
                    first.close();
                    first.close();
                    if (running) {
                        second.await(() -> false);
                        assertFalse(second.isRunning());
                    }
                }
            assertEquals(0, threads());
        });
    }

    @Test
    void endsByItselfOrWhenClosed() {
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (boolean wait : new boolean[] {true, false}) {
                try (WarmUp warmUp = WarmUp.begin()) {
                    if (wait) warmUp.await(() -> false);
                }
                assertEquals(0, threads());
            }
        });
    }

    @Test
    void waitingForItEndsWhenTheDecodeIsCancelled() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            try (WarmUp warmUp = WarmUp.begin()) {
                warmUp.await(() -> true);
            }
        });
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("wanvae-warm-up"))
                .count();
    }
}
